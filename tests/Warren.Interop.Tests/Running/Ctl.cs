using System.Diagnostics;

namespace Warren.Interop.Tests.Running;

/// <summary>What one run of `warren ctl` against a broker of the test printed and ended with.</summary>
public sealed record Ctl(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command over the local socket in the broker's data directory.</summary>
    public static Task<Ctl> TryAsync(BrokerProcess broker, params string[] words)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return TryInAsync(broker.DataDirectory, words);
    }

    /// <summary>Runs a command over the local socket in a data directory.</summary>
    public static async Task<Ctl> TryInAsync(string dataDirectory, params string[] words)
    {
        string executable = BrokerProcess.FindExecutable() ?? throw new InvalidOperationException("no built warren found");
        ProcessStartInfo start = new(executable, ["ctl", "--data-dir", dataDirectory, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        return new Ctl(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command that has to succeed; what it printed.</summary>
    public static async Task<string> RunAsync(BrokerProcess broker, params string[] words)
    {
        Ctl run = await TryAsync(broker, words);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', words)}: {run.ExitCode} {run.Output} {run.Error}");
        return run.Output;
    }
}
