using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Warren.Server.Configuration;

namespace Warren.Cli;

/// <summary>The <c>warren</c> command line: verbs, their options, and one line on standard error for what is wrong.</summary>
internal sealed class WarrenCommand
{
    private static readonly string[] OwnWords = ["--help", "-h", "-?", "/?", "--version"];

    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public WarrenCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(WarrenCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Runs one command line and returns its exit code.</summary>
    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (IsVersion(args))
        {
            await _output.WriteLineAsync($"warren {Version}");
            return ExitCode.Ok;
        }

        // ctl has rules of its own and never gets here (Invocation); it is named for help and for guesses.
        var root = new RootCommand("Warren, a message broker that speaks AMQP 0-9-1.")
        {
            new ServerCommand(_output, _error).Create(),
            new ConfigCommand(_output, _error).Create(),
            new ServiceCommand(_output, _error).Create(),
            new StorageCommand(_output, _error).Create(),
            new Command("ctl", "Looks into a running broker and changes it, as rabbitmqctl does; see ctl help."),
        };
        ParseResult parsed = root.Parse(WithDefaultVerb(args));
        if (parsed.Errors.Count > 0)
        {
            await _error.WriteLineAsync($"warren: {Explain(parsed)}");
            return ExitCode.Usage;
        }

        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, Output = _output, Error = _error };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    // "warren" and "warren --config f" mean "warren server …", and so does what RabbitMQ's images are told to run.
    private static string[] WithDefaultVerb(string[] args)
    {
        if (args is ["rabbitmq-server", .. var rest])
        {
            return ["server", .. rest];
        }

        bool hasVerb = args.Length > 0 && (!args[0].StartsWith('-') || OwnWords.Contains(args[0], StringComparer.Ordinal));
        return hasVerb ? args : ["server", .. args];
    }

    private static bool IsVersion(string[] args) =>
        args is ["--version"] or ["version"] or ["server", "--version"];

    private static string Explain(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is [string word, ..])
        {
            Command command = parsed.CommandResult.Command;
            bool isOption = word.StartsWith('-');
            IEnumerable<string> known = isOption ? command.Options.Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
            string guess = Suggestions.Nearest(word, known) is { } nearest ? $", did you mean {nearest}?" : "";
            string kind = isOption ? "option" : command is RootCommand ? "command" : "argument";
            return $"unknown {kind} {word}{guess}";
        }

        ParseError first = parsed.Errors[0];
        return first.Message.TrimEnd('.');
    }
}
