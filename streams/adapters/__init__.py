"""What speaks to Kafka and Redis beside the engine: views, followers, logs; each knows one store and no decisions."""
