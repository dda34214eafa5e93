using System.CommandLine;
using System.Text.Json;
using Warren.Server.Configuration;
using Warren.Server.Configuration.Mosquitto;

namespace Warren.Cli;

/// <summary><c>warren config</c>: shows what a server would start with, checks a file, brings one over from Mosquitto.</summary>
internal sealed class ConfigCommand
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public ConfigCommand(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
    }

    /// <summary>The verb with its own verbs.</summary>
    public Command Create() => new("config", "Shows, checks and imports configuration.") { CreateShow(), CreateCheck(), CreateImport() };

    private Command CreateShow()
    {
        var config = new Option<string?>("--config", "-c") { Description = "Configuration file.", HelpName = "FILE" };
        var dataDirectory = new Option<string?>("--data-dir", "-d") { Description = "Where the broker keeps its data.", HelpName = "DIR" };
        var set = new Option<string[]>("--set", "-s") { Description = "Sets one configuration key.", HelpName = "KEY=VALUE" };
        var json = new Option<bool>("--json") { Description = "Prints a JSON array." };
        var show = new Command("show", "Prints every key with its value and where that came from, given the same options as a server.")
        {
            config, dataDirectory, set, json,
        };
        show.SetAction((parsed, _) => RunAsync(() => ShowAsync(
            new ConfigurationSources
            {
                File = parsed.GetValue(config),
                Variables = Environment.GetEnvironmentVariables(),
                Assignments = parsed.GetValue(set) ?? [],
                DataDirectory = parsed.GetValue(dataDirectory),
            },
            parsed.GetValue(json))));
        return show;
    }

    private Command CreateCheck()
    {
        var file = new Argument<string>("FILE") { Description = "A file in the syntax of rabbitmq.conf or, named *.config, of rabbitmq.config." };
        var check = new Command("check", "Says everything that is wrong with a configuration file.") { file };
        check.SetAction((parsed, _) => RunAsync(() => CheckAsync(parsed.GetValue(file)!)));
        return check;
    }

    private Command CreateImport()
    {
        var file = new Argument<string>("FILE") { Description = "A mosquitto.conf." };
        var import = new Command("import", "Prints a configuration that does what a mosquitto.conf does.") { file };
        import.SetAction((parsed, _) => RunAsync(() => ImportAsync(parsed.GetValue(file)!)));
        return import;
    }

    private async Task<int> RunAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (ConfigurationError e)
        {
            await _error.WriteLineAsync($"warren: {e.Message}");
            return ExitCode.Configuration;
        }
    }

    private async Task<int> ShowAsync(ConfigurationSources sources, bool asJson)
    {
        (IReadOnlyList<EffectiveSetting> settings, IReadOnlyList<string> warnings) = ConfigurationLoader.Describe(sources);
        await WarnAsync(warnings);
        if (asJson)
        {
            await _output.WriteLineAsync(ToJson(settings));
            return ExitCode.Ok;
        }

        foreach (EffectiveSetting setting in settings)
        {
            string line = setting.Shown is { } value ? $"{setting.Key} = {Quoted(value)}" : $"# {setting.Key} =";
            await _output.WriteLineAsync($"{line,-60} # {setting.Origin}");
        }

        return ExitCode.Ok;
    }

    // What would be read differently without quotes.
    private static string Quoted(string value) =>
        value.Length == 0 || value.Contains('#', StringComparison.Ordinal) || value.Contains("$(", StringComparison.Ordinal)
            || value.Trim().Length < value.Length
            ? $"'{value}'"
            : value;

    private static string ToJson(IReadOnlyList<EffectiveSetting> settings)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (EffectiveSetting setting in settings)
            {
                json.WriteStartObject();
                json.WriteString("key", setting.Key);
                json.WriteString("value", setting.Shown);
                json.WriteString("source", setting.Origin);
                json.WriteBoolean("reloads", setting.Reloads);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private async Task<int> CheckAsync(string file)
    {
        (IReadOnlyList<string> errors, IReadOnlyList<string> warnings) =
            ConfigurationLoader.Check(file, Environment.GetEnvironmentVariables());
        await WarnAsync(warnings);
        foreach (string error in errors)
        {
            await _error.WriteLineAsync($"warren: {error}");
        }

        if (errors.Count > 0)
        {
            return ExitCode.Configuration;
        }

        await _output.WriteLineAsync($"{file} can be used");
        return ExitCode.Ok;
    }

    private async Task<int> ImportAsync(string file)
    {
        await _output.WriteAsync(MosquittoImport.Read(file));
        return ExitCode.Ok;
    }

    private async Task WarnAsync(IReadOnlyList<string> warnings)
    {
        foreach (string warning in warnings)
        {
            await _error.WriteLineAsync($"warren: warning: {warning}");
        }
    }
}
