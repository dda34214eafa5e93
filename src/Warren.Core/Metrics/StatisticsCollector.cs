using Warren.Buffers.Scheduling;
using System.Runtime.InteropServices;
using Warren.Core.Connections;
using Warren.Core.Exchanges;
using Warren.Core.Queues;

namespace Warren.Core.Metrics;

/// <summary>Looks at every counter every few seconds, so that there are rates, charts and totals.</summary>
/// <remarks>
/// Thread-safe. What is counted is counted where it happens, in plain numbers; nobody on the way of a message waits for
/// this. Channels and connections that end hand their numbers over, so that totals only grow.
/// </remarks>
public sealed class StatisticsCollector : IDisposable
{
    private const int ManyQueues = 2000; // beyond which a queue's chart is one minute, not ten

    // RabbitMQ's sample_retention_policies.
    private static readonly SampleSpan[] GlobalSpans = [new(600, 5), new(3600, 60), new(28800, 600), new(86400, 1800)];
    private static readonly SampleSpan DetailSpan = new(600, 5);
    private static readonly SampleSpan ShortSpan = new(60, 5);

    private readonly Broker _broker;
    private readonly GuardedTimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<VirtualHost, VirtualHostTotals> _totals = [];
    private readonly Dictionary<string, MessageCounts> _retiredByProtocol = new(StringComparer.Ordinal);
    private readonly long[] _brokerValues = new long[Series.BrokerCount];
    private MessageSizes _retiredSizes; // guarded by _lock
    private readonly long[] _retired = new long[Series.BrokerCount]; // of virtual hosts that are gone, and before login

    internal StatisticsCollector(Broker broker, StatisticsOptions options, Scheduler scheduler)
    {
        _broker = broker;
        IntervalMs = options.IntervalMs;
        TimeSpan interval = TimeSpan.FromMilliseconds(options.IntervalMs);
        _timer = scheduler.Every(interval, this, Collect);
    }

    /// <summary>Milliseconds between two samples.</summary>
    public int IntervalMs { get; }

    /// <summary>What came and went.</summary>
    public Churn Churn { get; } = new();

    /// <summary>The history of the whole broker: <see cref="Series.BrokerCount"/> numbers.</summary>
    public SampleHistory History { get; } = new(Series.BrokerCount, GlobalSpans);

    /// <summary>The totals of the whole broker as of the last sample, in the order of <see cref="Series"/>.</summary>
    public long[] Totals()
    {
        lock (_lock)
        {
            return [.. _brokerValues];
        }
    }

    /// <summary>The sizes of all messages published so far.</summary>
    public MessageSizes Sizes()
    {
        lock (_lock)
        {
            MessageSizes sizes = _retiredSizes;
            foreach (IClientConnection connection in _broker.Connections.All)
            {
                foreach (IClientChannel channel in connection.ListChannels())
                {
                    sizes.Add(channel.Sizes);
                }
            }

            return sizes;
        }
    }

    /// <summary>The counts of all channels there are and were, by <see cref="IClientConnection.ProtocolLabel"/>.</summary>
    public IReadOnlyDictionary<string, MessageCounts> CountsByProtocol()
    {
        lock (_lock)
        {
            var counts = new Dictionary<string, MessageCounts>(_retiredByProtocol, StringComparer.Ordinal);
            foreach (IClientConnection connection in _broker.Connections.All)
            {
                foreach (IClientChannel channel in connection.ListChannels())
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, connection.ProtocolLabel, out _).Add(channel.Counts);
                }
            }

            return counts;
        }
    }

    /// <summary>The totals of a virtual host as of the last sample; null: it is new.</summary>
    public long[]? Totals(VirtualHost virtualHost)
    {
        lock (_lock)
        {
            return _totals.TryGetValue(virtualHost, out VirtualHostTotals? totals) ? [.. totals.Values] : null;
        }
    }

    /// <summary>The history of a virtual host; null: it is new.</summary>
    public SampleHistory? HistoryOf(VirtualHost virtualHost)
    {
        lock (_lock)
        {
            return _totals.GetValueOrDefault(virtualHost)?.History;
        }
    }

    /// <summary>A channel ends; its counts stay in the totals. <paramref name="end"/> makes it count nothing more.</summary>
    public void Retire(
        VirtualHost virtualHost, in MessageCounts counts, in MessageSizes sizes, Action end, string protocol)
    {
        ArgumentNullException.ThrowIfNull(end);
        lock (_lock)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_retiredByProtocol, protocol, out _).Add(counts);
            long[] retired = TotalsOf(virtualHost).Retired;
            for (int i = 0; i < MessageCounts.Length; i++)
            {
                retired[i] += counts[i];
            }

            _retiredSizes.Add(sizes);

            end();
        }
    }

    /// <summary>A connection ends; its octets stay in the totals. <paramref name="end"/> takes it off the list.</summary>
    public void Retire(VirtualHost? virtualHost, long received, long sent, Action end)
    {
        ArgumentNullException.ThrowIfNull(end);
        lock (_lock)
        {
            long[] retired = virtualHost is null ? _retired : TotalsOf(virtualHost).Retired;
            retired[Series.ReceivedOctets] += received;
            retired[Series.SentOctets] += sent;
            end();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Forgets all samples, and with them rates and charts; what was counted stays.</summary>
    public void ForgetSamples()
    {
        lock (_lock)
        {
            History.Clear();
            foreach (VirtualHostTotals totals in _totals.Values)
            {
                totals.History.Clear();
            }

            foreach (IClientConnection connection in _broker.Connections.All)
            {
                connection.History.Clear();
                foreach (IClientChannel channel in connection.ListChannels())
                {
                    channel.History.Clear();
                    channel.Publishes?.ClearHistories();
                    channel.Deliveries?.ClearHistories();
                }
            }

            foreach (VirtualHost virtualHost in _broker.VirtualHosts)
            {
                foreach (MessageQueue queue in virtualHost.Queues)
                {
                    queue.History.Clear();
                    queue.Incoming?.ClearHistories();
                }

                foreach (Exchange exchange in virtualHost.Exchanges)
                {
                    exchange.History.Clear();
                }
            }
        }
    }

    /// <summary>Takes a sample now.</summary>
    public void Collect()
    {
        long now = _broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_lock)
        {
            foreach (VirtualHostTotals totals in _totals.Values)
            {
                totals.Begin();
            }

            _retired.CopyTo(_brokerValues, 0);
            CollectConnections(now);
            CollectVirtualHosts(now);
            Churn.CopyTo(_brokerValues.AsSpan(Series.Churn));
            _brokerValues[Series.DiskWrites] = _broker.DiskWrites;
            _brokerValues[Series.DiskReads] = _broker.DiskReads;
            History.Add(now, _brokerValues);
        }
    }

    private void CollectConnections(long now)
    {
        Span<long> octets = stackalloc long[Series.ConnectionCount];
        foreach (IClientConnection connection in _broker.Connections.All)
        {
            octets[Series.ConnectionReceived] = connection.ReceivedOctets;
            octets[Series.ConnectionSent] = connection.SentOctets;
            if (connection.History.IsDue(octets[0] + octets[1]))
            {
                connection.History.Add(now, octets, ShortSpan);
            }

            long[] values = connection.VirtualHost is { } virtualHost ? TotalsOf(virtualHost).Values : _brokerValues;
            values[Series.ReceivedOctets] += octets[Series.ConnectionReceived];
            values[Series.SentOctets] += octets[Series.ConnectionSent];
            CollectChannels(connection, values, now);
        }
    }

    private static void CollectChannels(IClientConnection connection, long[] values, long now)
    {
        Span<long> numbers = stackalloc long[MessageCounts.Length];
        foreach (IClientChannel channel in connection.ListChannels())
        {
            MessageCounts counts = channel.Counts;
            counts.CopyTo(numbers);
            for (int i = 0; i < numbers.Length; i++)
            {
                values[i] += numbers[i];
            }

            if (channel.History.IsDue(counts.Sum))
            {
                channel.History.Add(now, numbers, ShortSpan);
                channel.Publishes?.Sample(now);
                channel.Deliveries?.Sample(now);
            }
        }
    }

    private void CollectVirtualHosts(long now)
    {
        int queues = 0;
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            queues += virtualHost.Queues.Count;
        }

        SampleSpan span = queues > ManyQueues ? ShortSpan : DetailSpan;
        Span<long> numbers = stackalloc long[MessageCounts.Length];
        foreach (VirtualHost virtualHost in _broker.VirtualHosts)
        {
            VirtualHostTotals totals = TotalsOf(virtualHost);
            foreach (MessageQueue queue in virtualHost.Queues)
            {
                QueueCounts counts = queue.Sample(now, span);
                totals.Values[Series.Ready] += counts.Ready;
                totals.Values[Series.Unacknowledged] += counts.Unacked;
                totals.Values[Series.Messages] += counts.Ready + counts.Unacked;
            }

            foreach (Exchange exchange in virtualHost.Exchanges)
            {
                MessageCounts counts = exchange.Counts;
                if (exchange.History.IsDue(counts.Sum))
                {
                    counts.CopyTo(numbers);
                    exchange.History.Add(now, numbers, span);
                }
            }

            totals.History.Add(now, totals.Values);
            for (int i = 0; i < Series.VirtualHostCount; i++)
            {
                _brokerValues[i] += totals.Values[i];
            }
        }

        foreach (VirtualHost gone in _totals.Keys.Where(v => _broker.FindVirtualHost(v.Name) != v).ToArray())
        {
            long[] last = _totals[gone].Retired;
            for (int i = 0; i < Series.VirtualHostCount; i++)
            {
                _retired[i] += last[i];
                _brokerValues[i] += last[i];
            }

            _totals.Remove(gone);
        }
    }

    private VirtualHostTotals TotalsOf(VirtualHost virtualHost)
    {
        if (!_totals.TryGetValue(virtualHost, out VirtualHostTotals? totals))
        {
            _totals.Add(virtualHost, totals = new VirtualHostTotals());
        }

        return totals;
    }

    private sealed class VirtualHostTotals
    {
        public long[] Values { get; } = new long[Series.VirtualHostCount];

        /// <summary>Of channels and connections that are gone.</summary>
        public long[] Retired { get; } = new long[Series.VirtualHostCount];

        public SampleHistory History { get; } = new(Series.VirtualHostCount, GlobalSpans);

        public void Begin() => Retired.CopyTo(Values, 0);
    }
}
