using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Warren.Interop.Tests.Running;

namespace Warren.Interop.Tests;

/// <summary>What the broker tells of itself in <c>amq.rabbitmq.event</c>, with RabbitMQ's keys and headers.</summary>
public sealed class EventExchangeTests : OwnBrokerTest
{
    private const string Events = "amq.rabbitmq.event";

    public EventExchangeTests(SharedBroker broker)
        : base(broker)
    {
    }

    [Fact]
    public async Task Queues_exchanges_and_bindings_are_told_of_with_who_has_made_them()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        IChannel channel = await OpenOwnAsync();
        Inbox inbox = await ListenAsync("#");

        await channel.ExchangeDeclareAsync("x1", "direct", durable: true);
        await channel.QueueDeclareAsync(
            "q1", durable: true, exclusive: false, autoDelete: false, Arguments(("x-max-length", 5)));
        await channel.QueueBindAsync("q1", "x1", "k");
        await channel.QueueDeleteAsync("q1");
        await channel.ExchangeDeleteAsync("x1");

        Delivery exchange = await NextAsync(inbox, "exchange.created");
        Expect(exchange, ("name", "x1"), ("vhost", "/"), ("type", "direct"), ("durable", true), ("auto_delete", false),
            ("internal", false), ("policy", ""), ("user_who_performed_action", "guest"));
        Delivery queue = await NextAsync(inbox, "queue.created");
        Expect(queue, ("name", "q1"), ("vhost", "/"), ("type", "rabbit_classic_queue"), ("durable", true), ("exclusive", false));
        Assert.Equal("{<<\"x-max-length\">>,signedint,5}", Text.Of(Assert.IsType<List<object?>>(queue.Headers["arguments"]).Single()));
        string[] binding = ["binding.created", "binding.deleted"];
        foreach (string key in binding)
        {
            Expect(await NextAsync(inbox, key), ("source_name", "x1"), ("source_kind", "exchange"), ("destination_name", "q1"),
                ("destination_kind", "queue"), ("routing_key", "k"), ("vhost", "/"), ("user_who_performed_action", "guest"));
        }

        Expect(await NextAsync(inbox, "queue.deleted"), ("name", "q1"), ("vhost", "/"), ("user_who_performed_action", "guest"));
        Expect(await NextAsync(inbox, "exchange.deleted"), ("name", "x1"), ("vhost", "/"));
    }

    [Fact]
    public async Task An_event_has_an_empty_body_and_its_time_twice()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        IChannel channel = await OpenOwnAsync();
        Inbox inbox = await ListenAsync("queue.*");

        await channel.QueueDeclareAsync("q1", durable: false, exclusive: true, autoDelete: false);

        Delivery told = await NextAsync(inbox, "queue.created");
        Assert.Empty(told.Bytes);
        Assert.Equal(Events, told.Exchange);
        Assert.Equal(DeliveryModes.Persistent, told.Properties.DeliveryMode);
        long ms = Assert.IsType<long>(told.Headers["timestamp_in_ms"]);
        Assert.Equal(ms / 1000, told.Properties.Timestamp.UnixTime);
    }

    [Fact]
    public async Task Connections_channels_and_consumers_are_told_of()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        Inbox inbox = await ListenAsync("#");

        IConnection connection = await ConnectAsync(factory =>
        {
            factory.Port = Own.Port;
            factory.ClientProvidedName = "the one";
        });
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("q1", durable: false, exclusive: false, autoDelete: false);
        Inbox consumer = await Inbox.OnAsync(channel, "q1", autoAck: true, tag: "t1");
        await consumer.Channel.BasicCancelAsync("t1");
        await channel.CloseAsync();
        await connection.CloseAsync();

        Expect(await NextAsync(inbox, "user.authentication.success"), ("name", "guest"), ("auth_mechanism", "PLAIN"),
            ("ssl", false), ("connection_type", "network"), ("peer_host", "{127,0,0,1}"), ("protocol", "{0,9,1}"));
        Delivery opened = await NextAsync(inbox, "connection.created");
        Expect(opened, ("user", "guest"), ("vhost", "/"), ("user_provided_name", "the one"), ("type", "network"),
            ("host", "{127,0,0,1}"), ("port", (long)Own.Port));
        Delivery first = await NextAsync(inbox, "channel.created");
        Expect(first, ("number", 1L), ("user", "guest"), ("vhost", "/"), ("connection", Text.Of(opened.Headers["pid"])));
        Expect(await NextAsync(inbox, "consumer.created"), ("consumer_tag", "t1"), ("queue", "q1"), ("vhost", "/"),
            ("ack_required", false), ("exclusive", false), ("prefetch_count", 0L), ("channel", Text.Of(first.Headers["pid"])));
        Expect(await NextAsync(inbox, "consumer.deleted"), ("consumer_tag", "t1"), ("queue", "q1"));
        Expect(await NextAsync(inbox, "channel.closed"), ("pid", Text.Of(first.Headers["pid"])), ("consumer_count", 0L));
        Expect(await NextAsync(inbox, "connection.closed"), ("name", Text.Of(opened.Headers["name"])), ("user_provided_name", "the one"));
    }

    [Fact]
    public async Task A_refused_login_is_told_of()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        Inbox inbox = await ListenAsync("user.#");

        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(factory =>
        {
            factory.Port = Own.Port;
            factory.Password = "wrong";
        }));

        Delivery told = await NextAsync(inbox, "user.authentication.failure");
        Expect(told, ("name", "guest"), ("auth_mechanism", "PLAIN"));
        Assert.NotEmpty(Text.Of(told.Headers["error"]));
    }

    [Fact]
    public async Task Users_permissions_policies_parameters_and_virtual_hosts_are_told_of()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        IChannel channel = await OpenOwnAsync();
        await channel.QueueDeclareAsync("q1", durable: true, exclusive: false, autoDelete: false);
        Inbox inbox = await ListenAsync("#");

        await CtlProgram.RunAsync(Own, "add_user", "ann", "secret");
        await CtlProgram.RunAsync(Own, "set_user_tags", "ann", "monitoring");
        await CtlProgram.RunAsync(Own, "change_password", "ann", "other");
        await CtlProgram.RunAsync(Own, "set_permissions", "ann", "c", "w", "r");
        await CtlProgram.RunAsync(Own, "set_topic_permissions", "ann", "amq.topic", "w.*", "r.*");
        await CtlProgram.RunAsync(Own, "clear_topic_permissions", "ann");
        await CtlProgram.RunAsync(Own, "clear_permissions", "ann");
        await CtlProgram.RunAsync(Own, "delete_user", "ann");
        await CtlProgram.RunAsync(Own, "set_policy", "p1", "^q", """{"max-length":7}""");
        await CtlProgram.RunAsync(Own, "clear_policy", "p1");
        await CtlProgram.RunAsync(Own, "add_vhost", "other");
        await CtlProgram.RunAsync(Own, "set_vhost_limits", "-p", "other", """{"max-queues":3}""");
        await CtlProgram.RunAsync(Own, "clear_vhost_limits", "-p", "other");
        await CtlProgram.RunAsync(Own, "delete_vhost", "other");

        Delivery added = await NextAsync(inbox, "user.created");
        Expect(added, ("name", "ann"));
        Assert.NotEmpty(Text.Of(added.Headers["user_who_performed_action"]));
        Delivery tags = await NextAsync(inbox, "user.tags.set");
        Assert.Equal("monitoring", Text.Of(Assert.IsType<List<object?>>(tags.Headers["tags"]).Single()));
        Expect(await NextAsync(inbox, "user.password.changed"), ("name", "ann"));
        Expect(await NextAsync(inbox, "permission.created"), ("user", "ann"), ("vhost", "/"), ("configure", "c"), ("write", "w"), ("read", "r"));
        Expect(await NextAsync(inbox, "topic.permission.created"), ("user", "ann"), ("exchange", "amq.topic"), ("write", "w.*"), ("read", "r.*"));
        Expect(await NextAsync(inbox, "topic.permission.deleted"), ("user", "ann"), ("vhost", "/"));
        Expect(await NextAsync(inbox, "permission.deleted"), ("user", "ann"), ("vhost", "/"));
        Expect(await NextAsync(inbox, "user.deleted"), ("name", "ann"));
        Expect(await NextAsync(inbox, "queue.policy.updated"), ("name", "q1"), ("vhost", "/"), ("pattern", "^q"));
        Delivery policy = await NextAsync(inbox, "policy.set");
        Expect(policy, ("name", "p1"), ("vhost", "/"), ("pattern", "^q"), ("apply-to", "all"), ("priority", 0L));
        Assert.Equal(7L, Assert.IsType<Dictionary<string, object?>>(policy.Headers["definition"])["max-length"]);
        Expect(await NextAsync(inbox, "queue.policy.cleared"), ("name", "q1"));
        Expect(await NextAsync(inbox, "policy.cleared"), ("name", "p1"));
        Expect(await NextAsync(inbox, "vhost.created"), ("name", "other"));
        Expect(await NextAsync(inbox, "parameter.set"), ("component", "vhost-limits"), ("vhost", "other"));
        Expect(await NextAsync(inbox, "vhost.limits.set"), ("name", "limits"), ("vhost", "other"), ("max-queues", 3L));
        Expect(await NextAsync(inbox, "vhost.limits.cleared"), ("name", "limits"), ("vhost", "other"));
        Expect(await NextAsync(inbox, "vhost.deleted"), ("name", "other"));
    }

    [Fact]
    public async Task A_memory_alarm_is_told_of()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        Inbox inbox = await ListenAsync("alarm.*");

        await ReloadWithAsync("vm_memory_high_watermark.absolute = 1000");
        Expect(await NextAsync(inbox, "alarm.set"), ("source", "memory"));
        await ReloadWithAsync("vm_memory_high_watermark.absolute = 100GB");
        Expect(await NextAsync(inbox, "alarm.cleared"), ("source", "memory"));
    }

    [Fact]
    public async Task Nobody_reads_events_without_the_right_to_and_nobody_publishes_them()
    {
        await StartAsync("management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "add_user", "ann", "secret");
        await CtlProgram.RunAsync(Own, "set_permissions", "ann", ".*", ".*", "^q");
        IConnection connection = await ConnectAsync(factory =>
        {
            factory.Port = Own.Port;
            factory.UserName = "ann";
            factory.Password = "secret";
        });
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("q1", durable: false, exclusive: true, autoDelete: false);

        await RefusedAsync(
            403,
            "ACCESS_REFUSED - read access to exchange 'amq.rabbitmq.event' in vhost '/' refused for user 'ann'",
            () => channel.QueueBindAsync("q1", Events, "#"));
        IChannel publisher = await OpenOwnAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await publisher.BasicPublishAsync(Events, "queue.created", Text.Bytes("x")));
    }

    [Fact]
    public async Task A_durable_queue_stays_bound_over_a_restart_and_the_exchange_can_live_elsewhere()
    {
        await StartAsync("event_exchange.vhost=watch", "management.tcp.port=0", "management.tcp.ip=127.0.0.1");
        await CtlProgram.RunAsync(Own, "set_permissions", "-p", "watch", "guest", ".*", ".*", ".*");
        IChannel watching = await OpenWatchAsync();
        await watching.QueueDeclareAsync("events", durable: true, exclusive: false, autoDelete: false);
        await watching.QueueBindAsync("events", Events, "vhost.*");

        await Own.StopAsync();
        await Own.StartAgainAsync();
        await CtlProgram.RunAsync(Own, "add_vhost", "other");

        Delivery told = await GetAsync(await OpenWatchAsync(), "events");
        Expect(told, ("name", "other"));
    }

    private static void Expect(Delivery told, params (string Name, object Value)[] headers)
    {
        foreach ((string name, object value) in headers)
        {
            object? found = told.Headers.TryGetValue(name, out object? there) ? there : "(none)";
            Assert.Equal((told.RoutingKey, name, value), (told.RoutingKey, name, found is byte[] text ? Text.Of(text) : found));
        }
    }

    // Other events, those of the listener itself among them, are passed over.
    private static async Task<Delivery> NextAsync(Inbox inbox, string key)
    {
        while (true)
        {
            Delivery next = await inbox.NextAsync();
            if (next.RoutingKey == key)
            {
                return next;
            }
        }
    }

    private async Task<Inbox> ListenAsync(string pattern)
    {
        IChannel channel = await OpenOwnAsync();
        string queue = await QueueAsync(channel);
        Inbox inbox = await Inbox.OnAsync(channel, queue, autoAck: true);
        await channel.QueueBindAsync(queue, Events, pattern);
        return inbox;
    }

    // What the process reads again when it is asked to.
    private async Task ReloadWithAsync(string setting)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signals");
        await File.WriteAllTextAsync(Path.Combine(Own.DataDirectory, "..", "warren.conf"), setting + "\n");
        using Process kill = Process.Start("kill", ["-HUP", $"{Own.ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    private async Task<IChannel> OpenWatchAsync() => await (await ConnectAsync(factory =>
    {
        factory.Port = Own.Port;
        factory.VirtualHost = "watch";
    })).CreateChannelAsync();
}
