"""The last value of every key of a topic, as any Kafka client sees it."""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition

ANSWER_S = 30.0


def last_values(brokers: str, topic: str) -> dict[bytes, bytes]:
    """Keys with their last value, without those that were deleted."""
    options = {"bootstrap.servers": brokers, "group.id": "looking", "enable.partition.eof": True}
    consumer = Consumer(options | {"enable.auto.commit": False})
    found = dict[bytes, bytes]()
    partitions = consumer.list_topics(topic, ANSWER_S).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    left = len(partitions)
    while left:
        for message in consumer.consume(10_000, 0.05):
            if message.error() is not None:
                left -= 1
            elif message.value() is None:
                found.pop(message.key(), None)
            else:
                found[message.key()] = message.value()
    consumer.close()
    return found
