using System.Text;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;
using Warren.Core.Exchanges;
using Warren.Core.Messages;
using Xunit;
using static Warren.Core.Tests.Exchanges.TestTopology;

namespace Warren.Core.Tests.Exchanges;

public sealed class RecentHistoryExchangeTests : IDisposable
{
    private const int BodySize = 100_000; // a slab of its own for each message, so that every one given back shows

    private readonly TestTopology _host = new();
    private readonly SlabPool _slabs = new();

    public void Dispose() => _slabs.Dispose();

    [Fact]
    public void All_bindings_get_the_message_and_the_route_may_be_cached()
    {
        Declare();
        _host.Bind("x", "a", "1");
        _host.Bind("x", "a", "2");
        _host.Bind("x", "b", "");
        _host.BindExchange("x", "amq.direct", "");
        _host.Bind("amq.direct", "c", "k");

        Assert.Equal("a b c", _host.Route("x", "k"));
        Assert.Equal("a b", _host.Route("x", "other"));
        _host.Unbind("x", "b", "");
        Assert.Equal("a", _host.Route("x", "other"));
        Assert.False(_host.LastRoutes.DependsOnHeaders);
    }

    [Fact]
    public void A_route_names_each_history_on_its_way_once()
    {
        RecentHistoryExchange first = Declare();
        var second = (RecentHistoryExchange)_host.Declare(RecentHistoryExchange.TypeName, "y");
        _host.BindExchange("amq.fanout", "x", "");
        _host.BindExchange("amq.fanout", "y", "");
        _host.BindExchange("x", "y", "");
        _host.BindExchange("y", "x", "");

        _host.Route("amq.fanout", "k", null, "k2", "k3");
        Assert.Equal([first, second], _host.LastRoutes.Histories.ToArray());

        _host.Route("amq.direct", "k");
        Assert.Empty(_host.LastRoutes.Histories.ToArray());
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public void The_last_messages_are_kept_in_order_and_the_others_given_back(int? length, int kept)
    {
        RecentHistoryExchange exchange = length is { } n ? Declare(("x-recent-history-length", n)) : Declare();

        for (int i = 0; i < 50; i++)
        {
            Remember(exchange, $"{i}");
        }

        Assert.Equal(Enumerable.Range(50 - kept, kept).Select(i => $"{i}"), KeysOf(exchange));
        Assert.InRange(_slabs.RentedBytes, kept * BodySize, kept * 2L * BodySize);
    }

    [Fact]
    public void A_message_that_asks_not_to_be_stored_is_not()
    {
        RecentHistoryExchange exchange = Declare();

        Remember(exchange, "true", Table(("x-recent-history-no-store", true)));
        Remember(exchange, "false", Table(("x-recent-history-no-store", false)));
        Remember(exchange, "text", Table(("x-recent-history-no-store", "true")));
        Remember(exchange, "other", Table(("other", true)));

        Assert.Equal(["false", "text", "other"], KeysOf(exchange));
    }

    [Fact]
    public void A_deleted_exchange_gives_everything_back_and_keeps_nothing_more()
    {
        RecentHistoryExchange exchange = Declare();
        Remember(exchange, "before");

        _host.Exchanges.Remove(exchange);
        Remember(exchange, "after");

        Assert.Empty(KeysOf(exchange));
        Assert.Equal(0, _slabs.RentedBytes);
    }

    [Fact]
    public void What_was_recalled_stays_readable_after_newer_messages_came()
    {
        RecentHistoryExchange exchange = Declare(("x-recent-history-length", 1));
        Remember(exchange, "old");
        Message recalled = Assert.Single(exchange.Recall());

        Remember(exchange, "new");

        Assert.Equal("old", Encoding.UTF8.GetString(recalled.RoutingKey));
        recalled.Payload.Release();
        Assert.Equal(["new"], KeysOf(exchange));
    }

    public static TheoryData<object, string> BadLengths => new()
    {
        { 0, "0" },
        { -1, "-1" },
        { "20", "<<\"20\">>" },
        { 2.5, "2.5" },
        { true, "true" },
        { FieldValue.OfInteger(FieldType.UInt8, 5), "5" },
    };

    [Theory]
    [MemberData(nameof(BadLengths))]
    public void A_length_that_is_no_positive_integer_is_refused(object length, string term)
    {
        BrokerError error = Assert.Throws<BrokerError>(() => Declare(("x-recent-history-length", length)));

        Assert.Equal(
            (BrokerErrorKind.PreconditionFailed, $"Invalid argument {term}, 'x-recent-history-length' must be a positive integer"),
            (error.Kind, error.Text));
    }

    [Fact]
    public void A_length_nobody_reaches_costs_nothing()
    {
        RecentHistoryExchange exchange = Declare(("x-recent-history-length", long.MaxValue));

        Remember(exchange, "only");

        Assert.Equal(["only"], KeysOf(exchange));
    }

    [Fact]
    public void A_history_of_large_messages_is_bounded_in_bytes_and_keeps_the_newest()
    {
        const int OneMegabyte = 1024 * 1024;
        RecentHistoryExchange exchange = Declare(("x-recent-history-length", 1000));

        for (int i = 0; i < 100; i++)
        {
            Remember(exchange, $"{i}", bodySize: OneMegabyte - 1024);
        }

        Assert.Equal(Enumerable.Range(36, 64).Select(i => $"{i}"), KeysOf(exchange));
        Assert.Equal(64L * OneMegabyte, _slabs.RentedBytes);
    }

    [Fact]
    public void A_message_larger_than_the_bound_is_kept_alone()
    {
        RecentHistoryExchange exchange = Declare();

        Remember(exchange, "small");
        Remember(exchange, "huge", bodySize: 65 * 1024 * 1024);

        Assert.Equal(["huge"], KeysOf(exchange));
    }

    [Fact]
    public void A_small_message_counts_with_the_slab_it_keeps_alive()
    {
        RecentHistoryExchange exchange = Declare(("x-recent-history-length", int.MaxValue));

        for (int i = 0; i < 3000; i++)
        {
            Remember(exchange, $"{i}", bodySize: 1);
            FillSlab();
        }

        Assert.InRange(_slabs.RentedBytes, 60L * 1024 * 1024, 65L * 1024 * 1024);
        Assert.Equal("2999", KeysOf(exchange)[^1]);
    }

    [Fact]
    public void Small_messages_that_share_slabs_count_once()
    {
        RecentHistoryExchange exchange = Declare(("x-recent-history-length", 5000));

        for (int i = 0; i < 6000; i++)
        {
            Remember(exchange, $"{i}", bodySize: 1);
        }

        Assert.Equal(Enumerable.Range(1000, 5000).Select(i => $"{i}"), KeysOf(exchange));
        Assert.InRange(_slabs.RentedBytes, 1, 1024 * 1024);
    }

    [Fact]
    public void Keeping_messages_in_a_full_history_allocates_nothing()
    {
        RecentHistoryExchange exchange = Declare();
        Payload image = ImageOf("k", headers: null, bodySize: 100);
        for (int i = 0; i < 100; i++)
        {
            exchange.Remember(new Message(image), _host.Format);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            exchange.Remember(new Message(image), _host.Format);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        image.Release();
    }

    private RecentHistoryExchange Declare(params (string Name, object Value)[] arguments) =>
        (RecentHistoryExchange)_host.Declare(RecentHistoryExchange.TypeName, "x", Table(arguments));

    private void Remember(RecentHistoryExchange exchange, string key, FieldTable? headers = null, int bodySize = BodySize)
    {
        Payload image = ImageOf(key, headers, bodySize);
        exchange.Remember(new Message(image), _host.Format);
        image.Release();
    }

    private Payload ImageOf(string key, FieldTable? headers, int bodySize)
    {
        byte[] properties = headers is null ? [] : FieldTableWriter.ToArray(headers);
        byte[] routingKey = Encoding.UTF8.GetBytes(key);
        Payload image = _slabs.Allocate((int)Message.SizeOf(0, routingKey.Length, properties.Length, bodySize));
        var envelope = new MessageEnvelope(
            _host.Format.Tag, headers is null ? MessageFlags.None : MessageFlags.HasHeaders, Priority: 0, PublishedAtMs: 0, TtlMs: -1);
        Message.WriteHead(image.Writable, envelope, [], routingKey, properties, bodySize);
        return image;
    }

    // Other traffic of the same thread: the next message begins a slab of its own.
    private void FillSlab()
    {
        for (int i = 0; i < SlabPool.SlabSize / SlabPool.LargestShared; i++)
        {
            _slabs.Allocate(SlabPool.LargestShared).Release();
        }
    }

    private static List<string> KeysOf(RecentHistoryExchange exchange)
    {
        var keys = new List<string>();
        foreach (Message message in exchange.Recall())
        {
            keys.Add(Encoding.UTF8.GetString(message.RoutingKey));
            message.Payload.Release();
        }

        return keys;
    }
}
