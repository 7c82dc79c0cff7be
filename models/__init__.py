"""Everything about meaning: encoder, filters, ranker. Pure: no Faust and no Kafka."""
