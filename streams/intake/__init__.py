"""What may enter the log: decode, validate, resolve companies, refuse with a reason; it must not know Kafka."""
