using System.Text;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Ctl.Commands;

/// <summary>Help, the version, and what only Erlang can do.</summary>
internal static class MetaCommands
{
    /// <summary>The version of RabbitMQ whose tools these are like; scripts choose their options by it.</summary>
    public const string RabbitVersion = "4.1.0";

    private static readonly CtlOption ListCommands = new("list-commands");

    /// <summary>The commands.</summary>
    public static IReadOnlyList<CtlCommand> All { get; } =
    [
        new("help", "[<command>]", 0, 1, "Displays usage information for a command", HelpAsync) { Tools = CtlTools.All, Options = [ListCommands] },
        new("version", "", 0, 0, "Displays the version of RabbitMQ these tools are compatible with", VersionAsync) { Tools = CtlTools.All },
        .. ((string[])["eval", "eval_file", "exec", "remote_shell", "observer", "runtime_thread_stats", "maybe_stuck"]).Select(Erlang),
    ];

    /// <summary>The list of commands and options.</summary>
    public static string Usage(CtlTools tools)
    {
        var text = new StringBuilder("Usage\n\n<command> [<command options>] with, before or after it:\n\n");
        foreach (CtlOption option in GlobalOptions.All)
        {
            string shortForm = option.Short is { } letter ? $"-{letter}, " : "    ";
            text.Append("  ").Append(shortForm).Append("--").Append(option.Name)
                .Append(option.ValueName is null ? "" : $" <{option.ValueName}>").Append('\n');
        }

        text.Append("\nAvailable commands:\n\n");
        CtlCommand[] commands = [.. CommandTable.For(tools).OrderBy(c => c.Name, StringComparer.Ordinal)];
        int width = commands.Max(c => c.Name.Length);
        foreach (CtlCommand command in commands)
        {
            text.Append("  ").Append(command.Name.PadRight(width)).Append("  ").Append(command.Summary).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The usage of one command.</summary>
    public static string Usage(CtlCommand command) => $"\nUsage\n\n{command.Usage}\n\n{command.Summary}.\n";

    private static Task HelpAsync(CtlSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Has(ListCommands))
        {
            session.Write(string.Concat(CommandTable.All.Select(c => c.Name).Order(StringComparer.Ordinal).Select(n => $"{n}\n")));
        }
        else if (session.Arguments.Count == 0)
        {
            session.Write(Usage(CtlTools.All));
        }
        else
        {
            CtlCommand command = CommandTable.All.FirstOrDefault(c => c.Name == session.Arguments[0])
                ?? throw CommandTable.Unknown(session.Arguments[0], CtlTools.All);
            session.Write(Usage(command));
        }

        return Task.CompletedTask;
    }

    private static Task VersionAsync(CtlSession session, CancellationToken cancellationToken)
    {
        session.Show(RabbitVersion, new JsonObject { ["result"] = "ok", ["value"] = RabbitVersion });
        return Task.CompletedTask;
    }

    private static CtlCommand Erlang(string name) => new(name, "[...]", 0, int.MaxValue, "Erlang only", (_, _) =>
        throw new CtlError(CtlExit.Usage, $"'{name}' needs Erlang, which is not here. The HTTP API at /api answers what it is usually asked for."));
}
