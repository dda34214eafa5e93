using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Commands;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl;

/// <summary><c>warren ctl</c> and RabbitMQ's programs: one command line in, an exit code out.</summary>
internal sealed class CtlProgram
{
    private readonly CtlTools _tools;
    private readonly CtlStreams _streams;
    private readonly Func<ApiAddress, ParsedLine, HttpMessageHandler> _transport;
    private readonly Func<IEnumerable<string>> _dataDirectories;

    /// <param name="tools">Whose commands are known.</param>
    /// <param name="streams">Where text comes from and goes to.</param>
    /// <param name="transport">Carries requests to an address; <see cref="ApiTransport.Open"/>.</param>
    /// <param name="dataDirectories">Where brokers of this machine may have left their socket.</param>
    public CtlProgram(
        CtlTools tools,
        CtlStreams streams,
        Func<ApiAddress, ParsedLine, HttpMessageHandler> transport,
        Func<IEnumerable<string>> dataDirectories)
    {
        _tools = tools;
        _streams = streams;
        _transport = transport;
        _dataDirectories = dataDirectories;
    }

    /// <summary>Runs one command line.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        IReadOnlyList<CtlCommand> commands = CommandTable.For(_tools);
        ParsedLine line = new(words.FirstOrDefault(w => !w.StartsWith('-')), null, [], new Dictionary<string, string>(StringComparer.Ordinal));
        try
        {
            line = line with { Command = commands.FirstOrDefault(c => c.Name == line.Word) };
            line = LineParser.Parse(words, commands);
            if (line.Has(GlobalOptions.Version))
            {
                await _streams.Output.WriteAsync($"{MetaCommands.RabbitVersion}\n");
                return CtlExit.Ok;
            }

            if (line.Has(GlobalOptions.Help) || line.Word is null)
            {
                TextWriter to = line.Has(GlobalOptions.Help) ? _streams.Output : _streams.Error;
                await to.WriteAsync(line.Command is { } known ? MetaCommands.Usage(known) : MetaCommands.Usage(_tools));
                return line.Has(GlobalOptions.Help) ? CtlExit.Ok : CtlExit.Usage;
            }

            CtlCommand command = line.Command ?? throw CommandTable.Unknown(line.Word, _tools);
            CheckArguments(line, command);
            if (line.Has(GlobalOptions.DryRun))
            {
                return CtlExit.Ok;
            }

            return await RunAsync(line, command, cancellationToken);
        }
        catch (CtlError e)
        {
            Report(e, line, words);
            return e.ExitCode;
        }
        catch (ApiError e)
        {
            CtlError error = e.ToCtlError();
            Report(error, line, words);
            return error.ExitCode;
        }
        catch (IOException e)
        {
            // The reader of a pipe has gone, or a disk is full.
            Report(new CtlError(CtlExit.Unexpected, e.Message), line, words);
            return CtlExit.Unexpected;
        }
        catch (OperationCanceledException)
        {
            return CtlExit.TimeOut;
        }
    }

    private static void CheckArguments(ParsedLine line, CtlCommand command)
    {
        if (line.Arguments.Count < command.Least)
        {
            throw CtlError.Usage("not enough arguments.");
        }

        if (line.Arguments.Count > command.Most)
        {
            throw CtlError.Usage("too many arguments.");
        }
    }

    private static TimeSpan TimeoutOf(ParsedLine line, CtlCommand command)
    {
        string? text = line.Value(GlobalOptions.Timeout);
        double seconds = command.TimeoutSeconds;
        if (text == "infinity")
        {
            seconds = 0;
        }
        else if (text is not null && !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds))
        {
            throw CtlError.Usage($"'{text}' is no time-out in seconds");
        }

        return seconds is 0 or > 1_000_000 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
    }

    private async Task<int> RunAsync(ParsedLine line, CtlCommand command, CancellationToken cancellationToken)
    {
        TimeSpan timeout = TimeoutOf(line, command);
        var address = ApiAddress.Of(line, _dataDirectories(), Path.Exists);
        string? file = line.Value(GlobalOptions.File);
        using StringWriter? kept = file is null ? null : new StringWriter();
        CtlStreams streams = kept is null ? _streams : _streams with { Output = kept };
        using var session = new CtlSession(line, () => new ManagementApi(address, _transport(address, line), timeout), streams);
        await command.RunAsync(session, cancellationToken);
        if (kept is not null)
        {
            await WriteAsync(file!, kept.ToString(), cancellationToken);
        }

        return CtlExit.Ok;
    }

    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlError(CtlExit.CannotCreate, $"cannot write {file}: {e.Message}");
        }
    }

    private void Report(CtlError error, ParsedLine line, IReadOnlyList<string> words)
    {
        _streams.Output.Flush();
        if (line.Options.GetValueOrDefault(GlobalOptions.Formatter.Name) is "json" or "json_stream")
        {
            _streams.Error.Write($"{JsonText.Of(new JsonObject { ["result"] = "error", ["message"] = error.Message.Trim() })}\n");
            return;
        }

        string usage = line.Command is { } command ? $"\n\nUsage\n\n{command.Usage}" : "";
        _streams.Error.Write(error switch
        {
            { IsValidation: true } => $"Error (argument validation): {error.Message}\nArguments given:\n\t{Shown(words)}{usage}\n",
            { IsBare: true } => $"{error.Message}\n",
            _ => $"Error:\n{error.Message}\n",
        });
    }

    // Not where the broker is and as whom: that has a password in it.
    private static string Shown(IReadOnlyList<string> words)
    {
        var shown = new List<string>();
        for (int i = 0; i < words.Count; i++)
        {
            string name = words[i].Split('=', 2)[0];
            if (name is "--url" or "--uri" or "-U" or "--password")
            {
                i += words[i].Contains('=', StringComparison.Ordinal) ? 0 : 1;
                continue;
            }

            shown.Add(words[i]);
        }

        return string.Join(' ', shown);
    }
}
