using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>What lavinmqctl has beside rabbitmqctl: queues and exchanges made, queues paused; and switches of single objects.</summary>
internal static class ObjectCommands
{
    private static readonly CtlOption AutoDelete = new("auto-delete");
    private static readonly CtlOption Durable = new("durable");
    private static readonly CtlOption Internal = new("internal");
    private static readonly CtlOption Delayed = new("delayed");
    private static readonly CtlOption Alternate = new("alternate-exchange", null, "exchange");
    private static readonly CtlOption RejectPublish = new("reject-on-overflow");
    private static readonly CtlOption StreamQueue = new("stream-queue");

    // Option, argument, and whether it is a number.
    private static readonly (CtlOption Option, string Argument, bool IsNumber)[] QueueArguments =
    [
        (new("expires", null, "ms"), "x-expires", true),
        (new("max-length", null, "number"), "x-max-length", true),
        (new("message-ttl", null, "ms"), "x-message-ttl", true),
        (new("delivery-limit", null, "number"), "x-delivery-limit", true),
        (new("dead-letter-exchange", null, "exchange"), "x-dead-letter-exchange", false),
        (new("dead-letter-routing-key", null, "key"), "x-dead-letter-routing-key", false),
    ];

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("pause_queue", "<queue>", 1, 1, "Stops deliveries of a queue", (s, c) => PauseAsync(s, "pause", "Pausing", c)),
        new("resume_queue", "<queue>", 1, 1, "Lets deliveries of a queue go on", (s, c) => PauseAsync(s, "resume", "Resuming", c)),
        new("create_queue", "<queue>", 1, 1, "Creates a queue", CreateQueueAsync)
        {
            Options = [AutoDelete, Durable, RejectPublish, StreamQueue, .. QueueArguments.Select(a => a.Option)],
        },
        new("create_exchange", "<type> <exchange>", 2, 2, "Creates an exchange", CreateExchangeAsync)
        {
            Options = [AutoDelete, Durable, Internal, Delayed, Alternate],
        },
        new("delete_exchange", "<exchange>", 1, 1, "Deletes an exchange", DeleteExchangeAsync),
        new("enable_feature_flag", "<flag>|all", 1, 1, "Enables a feature flag; here all of them always are", EnableFlagAsync)
        {
            Options = [new CtlOption("experimental"), new CtlOption("opt-in")],
        },
        new("restart_vhost", "", 0, 0, "Restarts a virtual host that has failed", RestartHostAsync),
        new("reconcile_vhosts", "", 0, 0, "Starts virtual hosts that do not run on every node", ReconcileAsync),
    ];

    private static async Task PauseAsync(CtlSession session, string verb, string doing, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        session.Banner($"{doing} queue '{queue}' in vhost '{session.VirtualHost}' ...");
        try
        {
            await session.Api.PutAsync($"{ManagementApi.Path("queues", session.VirtualHost, queue)}/{verb}", new JsonObject(), cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw new CtlError(CtlExit.Usage, "Queue not found");
        }

        session.Done();
    }

    private static async Task CreateQueueAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string queue = session.Arguments[0];
        session.Banner($"Creating queue '{queue}' in vhost '{session.VirtualHost}' ...");
        var arguments = new JsonObject();
        foreach ((CtlOption option, string argument, bool isNumber) in QueueArguments)
        {
            if (session.Line.Value(option) is { } text)
            {
                arguments[argument] = isNumber ? Number(option, text) : text;
            }
        }

        if (session.Line.Has(RejectPublish))
        {
            arguments["x-overflow"] = "reject-publish";
        }

        if (session.Line.Has(StreamQueue))
        {
            arguments["x-queue-type"] = "stream";
        }

        var body = new JsonObject
        {
            ["durable"] = session.Line.Has(Durable) || session.Line.Has(StreamQueue),
            ["auto_delete"] = session.Line.Has(AutoDelete),
            ["arguments"] = arguments,
        };
        await session.Api.PutAsync(ManagementApi.Path("queues", session.VirtualHost, queue), body, cancellationToken);
        session.Done();
    }

    private static async Task CreateExchangeAsync(CtlSession session, CancellationToken cancellationToken)
    {
        (string type, string exchange) = (session.Arguments[0], session.Arguments[1]);
        session.Banner($"Creating exchange '{exchange}' in vhost '{session.VirtualHost}' ...");
        var arguments = new JsonObject();
        if (session.Line.Value(Alternate) is { } alternate)
        {
            arguments["alternate-exchange"] = alternate;
        }

        if (session.Line.Has(Delayed))
        {
            arguments["x-delayed-type"] = type;
            type = "x-delayed-message";
        }

        var body = new JsonObject
        {
            ["type"] = type,
            ["durable"] = session.Line.Has(Durable),
            ["auto_delete"] = session.Line.Has(AutoDelete),
            ["internal"] = session.Line.Has(Internal),
            ["arguments"] = arguments,
        };
        await session.Api.PutAsync(ManagementApi.Path("exchanges", session.VirtualHost, exchange), body, cancellationToken);
        session.Done();
    }

    private static async Task DeleteExchangeAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner($"Deleting exchange '{session.Arguments[0]}' in vhost '{session.VirtualHost}' ...");
        await session.Api.DeleteAsync(ManagementApi.Path("exchanges", session.VirtualHost, session.Arguments[0]), cancellationToken);
        session.Done();
    }

    private static async Task EnableFlagAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string flag = session.Arguments[0];
        session.Banner(flag == "all" ? "Enabling all feature flags ..." : $"Enabling feature flag \"{flag}\" ...");
        if (flag != "all")
        {
            await session.Api.PutAsync($"{ManagementApi.Path("feature-flags", flag)}/enable", new JsonObject { ["name"] = flag }, cancellationToken);
        }

        session.Done();
    }

    // A virtual host that is there runs: they have no processes of their own that could fail.
    private static async Task RestartHostAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string host = session.VirtualHost;
        string node = await session.NodeAsync(cancellationToken);
        session.Banner($"Trying to restart vhost '{host}' on node '{node}' ...");
        _ = await session.Api.FindAsync(ManagementApi.Path("vhosts", host), cancellationToken) ?? throw Refusals.NoVirtualHost(host);
        session.Done($"Vhost '{host}' is already running on node '{node}'");
    }

    private static async Task ReconcileAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Banner("Will try to initiate virtual host reconciliation on all reachable cluster nodes...");
        await session.Api.ListAsync("api/vhosts?columns=name", cancellationToken);
        session.Done();
    }

    private static long Number(CtlOption option, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw CtlError.Usage($"Invalid value '{text}' of option --{option.Name}: a whole number is needed");
}
