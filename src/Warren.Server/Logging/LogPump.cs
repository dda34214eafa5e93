using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Writes log lines on a thread of its own, so that a slow terminal or disk never holds up a connection.</summary>
/// <remarks>
/// Thread-safe. At most <see cref="Capacity"/> lines wait; what comes on top is counted, and the count is logged as soon
/// as there is room.
/// </remarks>
public sealed class LogPump : IDisposable
{
    /// <summary>Lines that may wait.</summary>
    public const int Capacity = 8192;

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly IReadOnlyList<ILogSink> _sinks;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private Queue<LogEntry> _waiting = new(); // guarded by _lock
    private long _dropped; // guarded by _lock
    private TaskCompletionSource? _rotation; // somebody waits for new files; guarded by _lock
    private bool _stopping; // guarded by _lock

    /// <param name="sinks">Closed with the pump.</param>
    /// <param name="time">For the pump's own lines.</param>
    public LogPump(IReadOnlyList<ILogSink> sinks, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(sinks);
        ArgumentNullException.ThrowIfNull(time);
        _sinks = sinks;
        _time = time;
        _thread = new Thread(Run) { Name = "warren log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The least serious level any sink takes.</summary>
    public LogLevel Level => _sinks.Count == 0 ? LogLevel.None : _sinks.Min(s => s.Level);

    /// <summary>Hands over an entry; never blocks on a sink.</summary>
    public void Post(in LogEntry entry)
    {
        lock (_lock)
        {
            if (_stopping || _waiting.Count >= Capacity)
            {
                _dropped++;
                return;
            }

            _waiting.Enqueue(entry);
        }

        _wake.Set();
    }

    /// <summary>Writes what is waiting, begins new files and returns when that is done.</summary>
    public Task RotateAsync()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return Task.CompletedTask;
            }

            _rotation ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _wake.Set();
            return _rotation.Task;
        }
    }

    /// <summary>Writes what is waiting and closes the sinks.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        _wake.Set();
        _thread.Join();
        _wake.Dispose();
        foreach (ILogSink sink in _sinks)
        {
            sink.Dispose();
        }
    }

    private void Run()
    {
        var taken = new Queue<LogEntry>();
        var bytes = new ArrayBufferWriter<byte>();
        bool open = true;
        while (open)
        {
            _wake.WaitOne();
            long dropped;
            TaskCompletionSource? rotation;
            lock (_lock)
            {
                rotation = _rotation;
                _rotation = null;
                (taken, _waiting) = (_waiting, taken);
                dropped = _dropped;
                _dropped = 0;
                open = !_stopping;
            }

            if (dropped > 0)
            {
                string text = $"{dropped} log lines were dropped: the log is written more slowly than it grows";
                taken.Enqueue(new LogEntry(_time.GetUtcNow(), LogLevel.Warning, "log", text, null));
            }

            foreach (ILogSink sink in _sinks)
            {
                WriteAll(sink, taken, bytes);
                if (rotation is not null)
                {
                    Try(sink.Rotate);
                }
            }

            rotation?.SetResult();
            taken.Clear();
        }
    }

    private static void WriteAll(ILogSink sink, Queue<LogEntry> entries, ArrayBufferWriter<byte> bytes)
    {
        bytes.ResetWrittenCount();
        foreach (LogEntry entry in entries)
        {
            if (entry.Level < sink.Level)
            {
                continue;
            }

            if (sink.Format == LogFormat.Json)
            {
                LogJson.Write(entry, bytes);
            }
            else
            {
                Encoding.UTF8.GetBytes(LogLine.Format(entry), bytes);
            }

            if (sink.TakesEntries)
            {
                sink.Write(entry, bytes.WrittenSpan);
                bytes.ResetWrittenCount();
            }
        }

        if (bytes.WrittenCount == 0)
        {
            return;
        }

        Try(() => sink.Write(bytes.WrittenSpan));
    }

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The log cannot say that the log is broken; standard error may still be read by somebody.
            Console.Error.WriteLine($"warren: cannot write the log: {e.Message}");
        }
    }
}
