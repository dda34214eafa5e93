using System.Diagnostics;

namespace Warren.Interop.Tests.Running;

/// <summary>`warren ctl` against a process of a test.</summary>
public static class CtlProgram
{
    /// <summary>Runs a command to its end and answers what it printed; fails when it ends with an error.</summary>
    public static async Task<string> RunAsync(BrokerProcess broker, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(broker);
        string executable = BrokerProcess.FindExecutable() ?? throw new InvalidOperationException("no built warren found");
        bool isAssembly = executable.EndsWith(".dll", StringComparison.Ordinal);
        ProcessStartInfo start = new()
        {
            FileName = isAssembly ? "dotnet" : executable,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] before = isAssembly ? [executable] : [];
        foreach (string argument in (string[])[.. before, "ctl", .. arguments, "--data-dir", broker.DataDirectory])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"ctl {string.Join(' ', arguments)}: {process.ExitCode} {output} {await error}");
        return output;
    }
}
