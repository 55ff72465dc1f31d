import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams with a light aggregate: events, purchases, money, first and last instant of every customer, in an
 * in-memory store with its changelog. Nothing of the real decision: no windows, scores, rules, segments or signals.
 */
public final class RfmStreams {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROW_BYTES = 5 * Long.BYTES;

    private RfmStreams() {}

    /** Adds one record to its customer's row. */
    static final class Fold implements Processor<byte[], byte[], Void, Void> {
        private final long count;
        private final CountDownLatch done;
        private KeyValueStore<byte[], byte[]> rows;
        static long seen;
        static long purchases;
        static long micros;
        static long beganNs;
        static long beganCpuNs;

        Fold(long count, CountDownLatch done) {
            this.count = count;
            this.done = done;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            rows = context.getStateStore("rows");
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            if (seen == 0) {
                beganNs = System.nanoTime();
                beganCpuNs = cpuNs();
            }
            try {
                add(record.key(), JSON.readTree(record.value()), record.timestamp());
            } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
            }
            if (++seen == count) {
                done.countDown();
            }
        }

        private void add(byte[] key, JsonNode event, long appendedMs) {
            byte[] stored = rows.get(key);
            ByteBuffer row = ByteBuffer.wrap(stored == null ? new byte[ROW_BYTES] : stored.clone());
            boolean isPurchase = event.path("type").asText().equals("purchase");
            long amount = isPurchase ? new BigDecimal(event.path("amount").asText()).movePointRight(6).longValueExact() : 0;
            long occurredMs = event.path("occurred_ms").asLong(appendedMs);
            purchases += isPurchase ? 1 : 0;
            micros += amount;
            row.putLong(0, row.getLong(0) + 1);
            row.putLong(8, row.getLong(8) + (isPurchase ? 1 : 0));
            row.putLong(16, row.getLong(16) + amount);
            row.putLong(24, stored == null ? occurredMs : Math.min(row.getLong(24), occurredMs));
            row.putLong(32, Math.max(row.getLong(32), occurredMs));
            rows.put(key, row.array());
        }
    }

    static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** Arguments: brokers, topic, application id, number of records, state folder. */
    public static void main(String[] arguments) throws InterruptedException {
        long count = Long.parseLong(arguments[3]);
        CountDownLatch done = new CountDownLatch(1);
        Topology topology = new Topology();
        topology.addSource("log", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), arguments[1]);
        topology.addProcessor("fold", () -> new Fold(count, done), "log");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("rows"), Serdes.ByteArray(), Serdes.ByteArray())
                        .withLoggingEnabled(Map.of()),
                "fold");
        Properties settings = new Properties();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("application.id", arguments[2]);
        settings.put("auto.offset.reset", "earliest");
        settings.put("num.stream.threads", "1");
        settings.put("replication.factor", "1");
        settings.put("state.dir", arguments[4]);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.start();
        done.await();
        streams.close(); // the last commit, with the changelog, is part of it
        double seconds = (System.nanoTime() - Fold.beganNs) / 1e9;
        System.out.printf(
                "{\"seconds\": %f, \"cpu_s\": %f, \"records\": %d, \"purchases\": %d, \"micros\": %d}%n",
                seconds, (cpuNs() - Fold.beganCpuNs) / 1e9, Fold.seen, Fold.purchases, Fold.micros);
        System.exit(0);
    }
}
