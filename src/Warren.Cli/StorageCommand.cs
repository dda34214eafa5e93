using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Warren.Server;

namespace Warren.Cli;

/// <summary><c>warren storage</c>: looks at the data of a stopped broker, copies what is intact, accepts what is lost.</summary>
internal sealed class StorageCommand
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public StorageCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    /// <summary>The verb with its own verbs.</summary>
    public Command Create() => new("storage", "Looks at the data of a stopped broker, and helps when it is damaged.")
    {
        CreateVerify(), CreateSalvage(), CreateAcceptLoss(),
    };

    private static Argument<string> DirectoryArgument() => new("DIR") { Description = "The data directory of a broker that does not run." };

    private static Option<bool> JsonOption() => new("--json") { Description = "Prints JSON." };

    private Command CreateVerify()
    {
        Argument<string> directory = DirectoryArgument();
        Option<bool> json = JsonOption();
        var command = new Command("verify", "Reads everything and names what is damaged; changes nothing. Exit code 1: something is.") { directory, json };
        command.SetAction((parsed, _) => RunAsync(() => ShowAsync(StorageMaintenance.Verify(parsed.GetValue(directory)!), parsed.GetValue(json))));
        return command;
    }

    private Command CreateSalvage()
    {
        Argument<string> directory = DirectoryArgument();
        var target = new Option<string>("--to") { Description = "A directory that does not exist yet, or is empty.", HelpName = "NEWDIR", Required = true };
        Option<bool> json = JsonOption();
        var command = new Command("salvage", "Copies everything that is intact into a new directory and names what is lost. Exit code 1: something is.")
        {
            directory, target, json,
        };
        command.SetAction((parsed, _) => RunAsync(() => ShowAsync(
            StorageMaintenance.Salvage(parsed.GetValue(directory)!, parsed.GetValue(target)!), parsed.GetValue(json))));
        return command;
    }

    private Command CreateAcceptLoss()
    {
        Argument<string> directory = DirectoryArgument();
        var command = new Command("accept-loss", "Lets the next start go on without what is gone; damaged files move to quarantine/.") { directory };
        command.SetAction((parsed, _) => RunAsync(async () =>
        {
            IReadOnlyList<string> accepted = StorageMaintenance.AcceptLoss(parsed.GetValue(directory)!);
            foreach (string loss in accepted)
            {
                await _output.WriteLineAsync($"accepted as lost: {loss}");
            }

            if (accepted.Count == 0)
            {
                await _output.WriteLineAsync("nothing to accept: a start would go on as it is");
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    private async Task<int> RunAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (StartupError e)
        {
            await _error.WriteLineAsync($"warren: {e.Message}");
            return (int)e.Fault;
        }
    }

    private async Task<int> ShowAsync(StorageSummary summary, bool asJson)
    {
        if (asJson)
        {
            await _output.WriteLineAsync(ToJson(summary));
            return summary.IsClean ? ExitCode.Ok : ExitCode.Found;
        }

        foreach (StorageFinding finding in summary.Findings)
        {
            await _output.WriteLineAsync($"{(finding.IsLoss ? "damage" : "note")}: {finding.File}{RangeOf(finding)}: {finding.Text}");
        }

        string lost = summary.LostMessages > 0 ? string.Create(CultureInfo.InvariantCulture, $", {summary.LostMessages} messages cannot be read") : "";
        await _output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{(summary.IsClean ? "clean" : "damaged")}: {summary.Definitions} definitions, {summary.Queues} queues, {summary.Messages} messages can be read{lost}"));
        return summary.IsClean ? ExitCode.Ok : ExitCode.Found;
    }

    private static string RangeOf(StorageFinding finding) => finding.FirstLsn == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" at byte {finding.Offset}, LSN {finding.FirstLsn} to {(finding.LastLsn == 0 ? "?" : finding.LastLsn)}");

    private static string ToJson(StorageSummary summary)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("clean", summary.IsClean);
            json.WriteNumber("definitions", summary.Definitions);
            json.WriteNumber("queues", summary.Queues);
            json.WriteNumber("messages", summary.Messages);
            json.WriteNumber("lost_messages", summary.LostMessages);
            json.WriteStartArray("findings");
            foreach (StorageFinding finding in summary.Findings)
            {
                json.WriteStartObject();
                json.WriteString("kind", finding.Kind);
                json.WriteBoolean("loss", finding.IsLoss);
                json.WriteString("file", finding.File);
                json.WriteNumber("offset", finding.Offset);
                json.WriteNumber("first_lsn", finding.FirstLsn);
                json.WriteNumber("last_lsn", finding.LastLsn);
                json.WriteNumber("records", finding.Records);
                json.WriteString("text", finding.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
