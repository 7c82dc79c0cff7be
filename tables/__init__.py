"""State: the Faust tables on RocksDB and the in-memory indexes that are built from them."""
