using System.Collections;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Warren.Buffers.Scheduling;

namespace Warren.Cli.Daemon;

/// <summary>Tells systemd how the server is: ready, stopping, alive (sd_notify(3), over the socket NOTIFY_SOCKET names).</summary>
/// <remarks>Thread-safe. Does nothing where nobody asked to be told.</remarks>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly string? _socket;
    private readonly GuardedTimer? _watchdog;

    private SystemdNotifier(string? socket, TimeSpan? watchdog, TimeProvider time)
    {
        _socket = socket;
        if (socket is not null && watchdog is { } interval)
        {
            _watchdog = new GuardedTimer(time, () => Send("WATCHDOG=1"), Complain);
            _watchdog.Start(interval / 2);
        }
    }

    /// <summary>What the environment asks for; the watchdog only when it is meant for this process.</summary>
    public static SystemdNotifier FromEnvironment(IDictionary variables, TimeProvider time)
    {
        bool isOurs = variables["WATCHDOG_PID"] is not string { Length: > 0 } pid
            || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        TimeSpan? watchdog = isOurs
            && long.TryParse(variables["WATCHDOG_USEC"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds is > 0 and < 86_400_000_000
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
        return new SystemdNotifier(variables["NOTIFY_SOCKET"] is string { Length: > 0 } socket ? socket : null, watchdog, time);
    }

    /// <summary>Clients can connect.</summary>
    public void Ready() =>
        Send(string.Create(CultureInfo.InvariantCulture, $"READY=1\nMAINPID={Environment.ProcessId}\nSTATUS=taking clients"));

    /// <summary>A clean stop has begun.</summary>
    public void Stopping() => Send("STOPPING=1");

    public void Dispose() => _watchdog?.Dispose();

    private static void Complain(Exception fault) => Console.Error.WriteLine($"warren: cannot tell systemd: {fault.Message}");

    // A leading @ is systemd's way to write a name in the abstract namespace.
    private void Send(string state)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(_socket[0] == '@' ? "\0" + _socket[1..] : _socket));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            Console.Error.WriteLine($"warren: cannot tell systemd {state.Split('\n')[0]}: {e.Message}");
        }
    }
}
