"""What end-to-end tests stand on: brokers and workers as processes, topic access, scenarios."""
