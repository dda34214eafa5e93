using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Warren.Interop.Tests.Running;

/// <summary>One `warren server` process on a free port of 127.0.0.1 with a data directory of its own.</summary>
/// <remarks>Owned by one test at a time. Disposing kills the process and removes the directory.</remarks>
public sealed partial class BrokerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string[] _settings;
    private readonly string _root;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    private BrokerProcess(int port, int mqttPort, string[] settings)
    {
        Port = port;
        MqttPort = mqttPort;
        _settings = settings;
        _root = Directory.CreateTempSubdirectory("warren-interop-").FullName;
        File.WriteAllText(Path.Combine(_root, "warren.conf"), string.Empty);
    }

    /// <summary>The port the broker listens on.</summary>
    public int Port { get; }

    /// <summary>The port it speaks MQTT on.</summary>
    public int MqttPort { get; }

    /// <summary>The data directory; it outlives <see cref="KillAsync"/> and <see cref="StopAsync"/>.</summary>
    public string DataDirectory => Path.Combine(_root, "data");

    /// <summary>Every line the process wrote to stdout and stderr so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The id of the process.</summary>
    public int ProcessId => Running().Id;

    /// <summary>Resident memory of the process in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            Process process = Running();
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The most it was since the process started; 0 where the system does not count it.</summary>
    public long PeakResidentBytes
    {
        get
        {
            Process process = Running();
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>The built `warren`: WARREN_EXE, or the newest build found by walking up from the tests.</summary>
    /// <returns>Null when there is none.</returns>
    public static string? FindExecutable()
    {
        string? named = Environment.GetEnvironmentVariable("WARREN_EXE");
        if (!string.IsNullOrEmpty(named))
        {
            return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string bin = Path.Combine(folder.FullName, "src", "Warren.Cli", "bin");
            FileInfo? newest = new[] { "Release", "Debug" }
                .SelectMany(configuration => new[] { "warren", "warren.exe" }
                    .Select(name => new FileInfo(Path.Combine(bin, configuration, "net10.0", name))))
                .Where(file => file.Exists)
                .MaxBy(file => file.LastWriteTimeUtc);
            if (newest is not null)
            {
                return newest.FullName;
            }
        }

        return null;
    }

    /// <summary>Starts a broker and returns when it says that it is ready.</summary>
    /// <param name="settings">Configuration lines, `key=value`, given as --set.</param>
    public static async Task<BrokerProcess> StartAsync(params string[] settings)
    {
        BrokerProcess broker = new(FreePort(), FreePort(), settings);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts the broker again on the same port and data directory after it was killed or stopped.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the text is its output.</exception>
    /// <param name="limit">How long it may take; null for 30 s.</param>
    public async Task StartAgainAsync(TimeSpan? limit = null)
    {
        TimeSpan patience = limit ?? StartLimit;
        string executable = FindExecutable()
            ?? throw new InvalidOperationException("no built warren found: build src/Warren.Cli or set WARREN_EXE");
        ProcessStartInfo start = new()
        {
            FileName = executable.EndsWith(".dll", StringComparison.Ordinal) ? "dotnet" : executable,
            RedirectStandardInput = true, // a terminal would give SIGHUP another meaning
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (executable.EndsWith(".dll", StringComparison.Ordinal))
        {
            start.ArgumentList.Add(executable);
        }

        string[] fixedArguments =
        [
            "server", "--config", Path.Combine(_root, "warren.conf"), "--data-dir", DataDirectory,
            "--set", $"listeners.tcp.default=127.0.0.1:{Port}", "--set", $"mqtt.listeners.tcp.default=127.0.0.1:{MqttPort}",
            "--set", "management.tcp.port=none", "--set", "prometheus.tcp.port=none",
        ];
        foreach (string argument in fixedArguments.Concat(_settings.SelectMany(s => new[] { "--set", s })))
        {
            start.ArgumentList.Add(argument);
        }

        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => OnLine(line.Data, ready);
        process.ErrorDataReceived += (_, line) => OnLine(line.Data, ready);
        process.Exited += (_, _) => ready.TrySetException(
            new InvalidOperationException($"warren ended with exit code {process.ExitCode}: {Said()}"));
        _process = process;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(patience);
        }
        catch (TimeoutException late)
        {
            throw new InvalidOperationException($"warren was not ready in {patience.TotalSeconds} s: {Said()}", late);
        }
    }

    /// <summary>kill -9: no chance to write anything.</summary>
    /// <exception cref="InvalidOperationException">The broker had ended by itself: no test wants that.</exception>
    public async Task KillAsync()
    {
        Process process = Running();
        if (process.HasExited)
        {
            throw new InvalidOperationException($"warren ended by itself with {process.ExitCode}: {Said()}");
        }

        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, then waits for the clean end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        Process process = Running();
        if (kill(process.Id, SigTerm) != 0)
        {
            throw new InvalidOperationException("SIGTERM could not be sent");
        }

        await process.WaitForExitAsync().WaitAsync(StartLimit);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>A port nobody listens on, below the range clients are given, so that none can take it meanwhile.</summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = RandomNumberGenerator.GetInt32(18000, 32000);
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // the next random one
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    private void OnLine(string? line, TaskCompletionSource ready)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.Contains("ready in", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }

    private Process Running() => _process ?? throw new InvalidOperationException("the broker was never started");

    private string Said() => string.Join(" | ", _output.TakeLast(20));
}
