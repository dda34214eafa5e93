using System.Collections.Concurrent;
using System.Diagnostics;

namespace Warren.Interop.Tests.Running;

/// <summary>A `warren` started with exactly the words and variables a test gives it, in a directory of its own.</summary>
/// <remarks>Owned by one test. Disposing kills it and removes the directory.</remarks>
public sealed class ServerProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>The directory; there is nothing in it at first.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("warren-program-").FullName;

    /// <summary>A port nobody listens on.</summary>
    public int Port { get; } = BrokerProcess.FreePort();

    /// <summary>Every line it wrote so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Its id.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>A path in the directory.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Starts it and returns when it says that it is ready.</summary>
    public async Task StartAsync(string executable, IReadOnlyList<string> arguments, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(executable, arguments)
        {
            RedirectStandardInput = true, // a terminal would give SIGHUP another meaning
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"it ended: {string.Join(" | ", _lines)}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _ready.Task.WaitAsync(Limit);
    }

    /// <summary>Waits for a line that holds a text.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        DateTime end = DateTime.UtcNow + Limit;
        while (true)
        {
            if (_lines.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            Assert.True(DateTime.UtcNow < end, $"no line with '{text}': {string.Join(" | ", _lines)}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForEndAsync()
    {
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.StartsWith("ready in ", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
