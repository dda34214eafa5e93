using System.Collections.Concurrent;
using System.Diagnostics;

namespace Warren.Interop.Tests.Running;

/// <summary>A program that runs while a test goes on; its lines can be waited for.</summary>
/// <remarks>Owned by one test. Disposing kills it.</remarks>
public sealed class Tool : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private Tool(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Every line so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts a program that is looked up in PATH; it writes each line at once.</summary>
    public static Tool Start(string program, params string[] arguments) => new(new ProcessStartInfo("stdbuf", ["-oL", program, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    });

    /// <summary>Waits until a line holds a text.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        await WaitAsync(lines => lines.Any(l => l.Contains(text, StringComparison.Ordinal)), $"a line with '{text}'");
        return _lines.First(l => l.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits until its lines are as they should be.</summary>
    public async Task WaitAsync(Func<IReadOnlyCollection<string>, bool> holds, string what)
    {
        ArgumentNullException.ThrowIfNull(holds);
        DateTime end = DateTime.UtcNow + Limit;
        while (!holds(_lines))
        {
            Assert.True(DateTime.UtcNow < end, $"no {what}: {string.Join(" | ", _lines)}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void OnLine(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
