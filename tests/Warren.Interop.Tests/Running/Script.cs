using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Warren.Interop.Tests.Running;

/// <summary>A Python or JavaScript program beside the tests; it runs once and its cases are asked for one by one.</summary>
public static partial class Script
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly Lock Starting = new();
    private static readonly Dictionary<string, Task<string>> Runs = new(StringComparer.Ordinal);

    /// <summary>The names of the case_ functions of a script.</summary>
    public static IEnumerable<string> CasesOf(string script) =>
        CaseName().Matches(File.ReadAllText(PathOf(script))).Select(match => match.Groups["name"].Value);

    /// <summary>Runs the script unless it already ran, and asserts that it printed `ok` and the case's name.</summary>
    public static async Task CaseWorksAsync(string script, string name, SharedBroker broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        string interpreter = script.EndsWith(".py", StringComparison.Ordinal) ? "/usr/bin/python3" : "node";
        Task<string>? run;
        lock (Starting)
        {
            if (!Runs.TryGetValue(script, out run))
            {
                run = RunAsync(
                    interpreter,
                    [PathOf(script), broker.Host, $"{broker.Port}"],
                    variables: [("WARREN_MQTT_PORT", $"{broker.Process?.MqttPort}")]);
                Runs.Add(script, run);
            }
        }

        string output = await run;
        Assert.True(output.Split('\n').Contains($"ok {name}"), output);
    }

    /// <summary>Runs a program to its end and returns all it printed.</summary>
    /// <param name="program">File name, looked up in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads from stdin; null: nothing.</param>
    /// <param name="variables">Added to its environment.</param>
    public static async Task<string> RunAsync(
        string program, string[] arguments, string? input = null, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["C_FORCE_ROOT"] = "1";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException($"{program} could not be started");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        string said = await output + await errors;
        return process.ExitCode == 0 ? said : $"{said}\nexit code {process.ExitCode}";
    }

    /// <summary>The full path of a file given relative to the tests' source folder.</summary>
    public static string PathOf(string file)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tests", "Warren.Interop.Tests", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("the tests run from their repository", file);
    }

    [GeneratedRegex(@"^(?:async function|def) case_(?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CaseName();
}
