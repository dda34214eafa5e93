using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Virtual hosts: made, changed, traced, removed.</summary>
internal static class VirtualHostCommands
{
    private static readonly CtlOption Description = new("description", null, "description");
    private static readonly CtlOption Tags = new("tags", null, "tags");
    private static readonly CtlOption QueueType = new("default-queue-type", null, "type");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("add_vhost", "<vhost>", 1, 1, "Creates a virtual host", AddAsync) { Options = [Description, Tags, QueueType] },
        new("delete_vhost", "<vhost>", 1, 1, "Deletes a virtual host", DeleteAsync),
        new("update_vhost_metadata", "<vhost>", 1, 1, "Updates metadata (tags, description, default queue type) of a virtual host", UpdateAsync)
        {
            Options = [Description, Tags, QueueType],
        },
        new("set_vhost_tags", "<vhost> <tag> [...]", 1, int.MaxValue, "Sets virtual host tags", SetTagsAsync),
        new("enable_vhost_deletion_protection", "<vhost>", 1, 1, "Protects a virtual host from deletion", (s, c) => ProtectAsync(s, true, c)),
        new("disable_vhost_deletion_protection", "<vhost>", 1, 1, "Lets a virtual host be deleted", (s, c) => ProtectAsync(s, false, c)),
        new("trace_on", "", 0, 0, "Starts copying all messages of a vhost to amq.rabbitmq.trace", (s, c) => TraceAsync(s, true, c)),
        new("trace_off", "", 0, 0, "Stops tracing", (s, c) => TraceAsync(s, false, c)),
    ];

    private static string PathOf(string name) => ManagementApi.Path("vhosts", name);

    private static async Task AddAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        session.Banner($"Adding vhost \"{name}\" ...");
        await session.Api.PutAsync(PathOf(name), Metadata(session), cancellationToken);
        session.Done();
    }

    private static async Task DeleteAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        session.Banner($"Deleting vhost \"{name}\" ...");
        try
        {
            await session.Api.DeleteAsync(PathOf(name), cancellationToken);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            throw Refusals.NoVirtualHost(name);
        }

        session.Done();
    }

    private static async Task UpdateAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        session.Banner($"Updating metadata of vhost \"{name}\" ...");
        await ChangeAsync(session, name, Metadata(session), cancellationToken);
    }

    private static async Task SetTagsAsync(CtlSession session, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        string[] tags = [.. session.Arguments.Skip(1)];
        session.Banner($"Setting tags for vhost \"{name}\" to [{string.Join(", ", tags)}] ...");
        await ChangeAsync(session, name, new JsonObject { ["tags"] = string.Join(',', tags) }, cancellationToken);
    }

    private static async Task ProtectAsync(CtlSession session, bool isProtected, CancellationToken cancellationToken)
    {
        string name = session.Arguments[0];
        session.Banner($"{(isProtected ? "Enabling" : "Disabling")} deletion protection for vhost \"{name}\" ...");
        await ChangeAsync(session, name, new JsonObject { ["protected_from_deletion"] = isProtected }, cancellationToken);
    }

    private static async Task TraceAsync(CtlSession session, bool isOn, CancellationToken cancellationToken)
    {
        session.Banner($"{(isOn ? "Starting" : "Stopping")} tracing for vhost \"{session.VirtualHost}\" ...");
        await ChangeAsync(session, session.VirtualHost, new JsonObject { ["tracing"] = isOn }, cancellationToken);
    }

    // PUT would make what is not there, and take away what it does not name.
    private static async Task ChangeAsync(CtlSession session, string name, JsonObject change, CancellationToken cancellationToken)
    {
        JsonObject found = await session.Api.FindAsync(PathOf(name), cancellationToken) ?? throw Refusals.NoVirtualHost(name);
        var body = new JsonObject();
        foreach (string key in (string[])["description", "tags", "default_queue_type", "tracing", "protected_from_deletion"])
        {
            if ((change[key] ?? found[key]) is { } value && value.ToString() != "undefined")
            {
                body[key] = value is JsonArray tags ? string.Join(',', tags) : value.DeepClone();
            }
        }

        await session.Api.PutAsync(PathOf(name), body, cancellationToken);
        session.Done();
    }

    private static JsonObject Metadata(CtlSession session)
    {
        var body = new JsonObject();
        Copy(Description, "description");
        Copy(Tags, "tags");
        Copy(QueueType, "default_queue_type");
        return body;

        void Copy(CtlOption option, string key)
        {
            if (session.Line.Value(option) is { } value)
            {
                body[key] = value;
            }
        }
    }
}
