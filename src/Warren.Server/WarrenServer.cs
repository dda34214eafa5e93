using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Warren.Buffers;
using Warren.Core;
using Warren.Management.Hosting;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Mqtt;
using Warren.Server.Configuration;
using Warren.Server.Logging;
using Warren.Server.Telemetry;
using Warren.Server.WebSockets;
using Warren.Storage;
using Warren.Storage.Directories;
using Warren.Transport;

namespace Warren.Server;

/// <summary>A running broker with its listeners: options in, and out comes something clients can connect to.</summary>
/// <remarks>
/// Thread-safe, without static state: several run side by side in one process. Stopping gives every client
/// connection.close and leaves a checkpointed log.
/// </remarks>
public sealed class WarrenServer : IAsyncDisposable
{
    // Shown to clients in connection.close, in RabbitMQ's words; libraries match on the reply code 320.
    internal const string StopReason = "broker forced connection closure with reason 'shutdown'";

    private readonly Lock _reloading = new();
    private readonly RunningConfiguration _running;
    private readonly WarrenServerOptions _started;
    private readonly Amqp091Protocol _amqp;
    private readonly MqttProtocol _mqtt;
    private readonly IDisposable? _metrics;
    private readonly DataDirectory _directory;
    private readonly Broker _broker;
    private readonly TransportResources _transport;
    private readonly ProtocolListeners _listeners;
    private readonly NodeControl _control;
    private readonly HttpSiteServer? _http;
    private readonly ServerCertificates _certificates;
    private readonly ServerLog? _ownLog;
    private readonly ILogger _log;
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stopping;

    private WarrenServer(
        WarrenServerOptions options,
        RunningConfiguration running,
        Amqp091Protocol amqp,
        MqttProtocol mqtt,
        IDisposable? metrics,
        DataDirectory directory,
        Broker broker,
        TransportResources transport,
        ProtocolListeners listeners,
        NodeControl control,
        HttpSiteServer? http,
        ServerCertificates certificates,
        ServerLog? ownLog,
        ILogger log)
    {
        _started = options;
        _running = running;
        _amqp = amqp;
        _mqtt = mqtt;
        _metrics = metrics;
        _directory = directory;
        _broker = broker;
        _transport = transport;
        _listeners = listeners;
        _control = control;
        _http = http;
        _certificates = certificates;
        _ownLog = ownLog;
        _log = log;
    }

    /// <summary>
    /// Completes when the server has stopped: with null when it was asked to, with the reason when its disk has failed,
    /// upon which it stops by itself.
    /// </summary>
    public Task<Exception?> Ended => _ended.Task;

    /// <summary>The addresses clients can connect to, with the ports the system chose where it was asked to.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Listeners.Select(l => l.LocalEndPoint)];

    /// <summary>What is listened for and where.</summary>
    public IReadOnlyList<Listener> Listeners => _listeners.Open;

    /// <summary>The addresses HTTP is answered on.</summary>
    public IReadOnlyList<HttpSite> HttpSites => _http?.Sites ?? [];

    /// <summary>The addresses WebSockets are opened on.</summary>
    public IReadOnlyList<HttpSite> WebSocketSites => _listeners.OpenSites;

    /// <summary>The broker behind the listeners.</summary>
    public Broker Broker => _broker;

    /// <summary>Where the data is, absolute.</summary>
    public string DataDirectory => _directory.Root;

    /// <summary>Opens the data, brings back what is stored, then listens. On an error everything is closed again.</summary>
    /// <param name="options">What to start with.</param>
    /// <param name="cancellationToken">Gives the start up between two steps.</param>
    /// <exception cref="StartupError">The address, the data or the disk stands in the way.</exception>
    public static async Task<WarrenServer> StartAsync(WarrenServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        string path = Path.GetFullPath(options.DataDirectory ?? DataDirectoryLocation.Default());
        var opened = new Stack<IDisposable>();
        ProtocolListeners? listeners = null;
        try
        {
            ServerLog? ownLog = options.Loggers is null ? ServerLog.Open(options.Log, path, options.Broker.LogExchange, options.Time) : null;
            if (ownLog is not null)
            {
                opened.Push(ownLog);
            }

            ILoggerFactory loggers = options.Loggers ?? ownLog!;
            ILogger log = loggers.CreateLogger("server");
            var certificates = new ServerCertificates(options, log);
            opened.Push(certificates);

            IBlockDisk disk = options.Disk ?? FileBlockDisk.Instance;
            DataDirectory directory = OpenDirectory(disk, path, options.Time);
            opened.Push(directory);
            cancellationToken.ThrowIfCancellationRequested();
            Broker broker = OpenBroker(options, disk, directory, loggers);
            opened.Push(broker);
            ownLog?.Attach(broker.LogLines);
            cancellationToken.ThrowIfCancellationRequested();
            var blocks = new BlockPool();
            broker.TrimToo(blocks.Trim);
            var transport = new TransportResources(broker.Scheduler, broker.Clock, blocks)
            {
                OnFault = (connection, error) => log.ConnectionFault(connection?.RemoteEndPoint, error.Message),
                OnRefused = log.ClientRefused,
            };
            opened.Push(transport);
            var amqp = new Amqp091Protocol(broker, options.Amqp091, loggers);
            var mqtt = new MqttProtocol(broker, MqttOf(options), loggers);
            opened.Push(mqtt);
            Activate(broker, directory);
            ManagementListeners.LoadDefinitions(options.Definitions, broker, log);
            cancellationToken.ThrowIfCancellationRequested();
            listeners = new ProtocolListeners(transport, options.Listener);
            foreach (IPEndPoint endPoint in options.TcpListeners)
            {
                listeners.Add(endPoint, amqp, tls: null);
            }

            foreach (IPEndPoint endPoint in options.SslListeners)
            {
                listeners.Add(endPoint, amqp, certificates.Amqp);
            }

            ListenForMqtt(options, listeners, mqtt, certificates, log);
            listeners.Add(WebMqttListeners.Start(options, mqtt, transport, certificates, log));
            IDisposable? metrics = options.Telemetry.Endpoint is null ? null : StartMetrics(options.Telemetry, broker);
            if (metrics is not null)
            {
                opened.Push(metrics);
            }

            broker.Alarms.WatchDescriptors(new DescriptorWatch(options.Listener.ReservedDescriptors).IsShort);
            var control = new NodeControl(broker, listeners, ownLog, log);
            opened.Push(control);
            var running = new RunningConfiguration(options);
            HttpSiteServer? http = ManagementListeners.Start(
                options, running, broker, directory.Root, listeners, control, certificates, loggers);
            var server = new WarrenServer(
                options, running, amqp, mqtt, metrics, directory, broker, transport, listeners, control, http, certificates, ownLog, log);
            _ = broker.StorageFailed.ContinueWith(
                failed => server.StopAfterAsync(failed.Result),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            return server;
        }
        catch
        {
            if (listeners is not null)
            {
                await listeners.DisposeAsync();
            }

            while (opened.TryPop(out IDisposable? part))
            {
                part.Dispose();
            }

            throw;
        }
    }

    /// <summary>Reads again what can change while the server runs: the TLS certificates. When they cannot be used, the
    /// old ones stay and the log says why.</summary>
    public void Reload() => _certificates.Reload();

    /// <summary>Takes what may change of a configuration that was read again; the log names each key, and says which of
    /// them need a restart.</summary>
    public void Reload(WarrenServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Reload();
        lock (_reloading)
        {
            // What is waiting for a restart is told each time, not only when it was changed.
            Report(
            [
                .. SettingChange.Between(_running.Current, options).Where(c => c.Reloads),
                .. SettingChange.Between(_started, options).Where(c => !c.Reloads),
            ]);
            _running.Current = options;
            _ownLog?.Reload(options.Log);
            _broker.Reload(options.Broker);
            _amqp.Options = options.Amqp091;
            _mqtt.Options = MqttOf(options);
        }
    }

    /// <summary>Tells the log that a configuration was read again and cannot be used; nothing changes.</summary>
    public void RefuseReload(ConfigurationError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        _log.ConfigurationNotReloaded(error.Message);
    }

    /// <summary>Tells the log of settings without effect.</summary>
    public void Warn(IEnumerable<string> warnings)
    {
        ArgumentNullException.ThrowIfNull(warnings);
        foreach (string warning in warnings)
        {
            _log.ConfigurationWarning(warning);
        }
    }

    /// <summary>Takes no more clients, closes those there are, commits and checkpoints the log, and gives the directory up.</summary>
    /// <remarks>A second call waits for the first.</remarks>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            await _ended.Task;
            return;
        }

        try
        {
            await StopPartsAsync();
        }
        finally
        {
            _ended.TrySetResult(_broker.StorageFailed.IsCompleted ? await _broker.StorageFailed : null);
        }
    }

    private async Task StopPartsAsync()
    {
        if (_http is not null)
        {
            await _http.DisposeAsync();
        }

        await _control.EndAsync();
        await _listeners.SuspendAsync();
        _log.Stopping(_listeners.ListConnections().Length);
        _broker.Connections.CloseAll(StopReason);

        // Each is given the time a client has to answer connection.close; who does not is dropped.
        await _listeners.DrainAsync();
        _control.Dispose();
        _mqtt.Dispose();
        _metrics?.Dispose();
        _certificates.Dispose();
        _transport.Dispose();
        _broker.Dispose();
        _directory.Dispose();
        _log.Stopped();
        _ownLog?.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync());

    // What is promised from now on could not be kept: clients are told, and the next start finds what the disk has.
    private async Task StopAfterAsync(Exception failure)
    {
        _log.StorageFailed(failure.Message);
        await StopAsync();
    }

    private void Report(IReadOnlyList<SettingChange> changes)
    {
        if (changes.Count == 0)
        {
            _log.NothingChanged();
        }

        foreach (SettingChange change in changes)
        {
            if (change.Reloads)
            {
                _log.SettingChanged(change.Key, change.After, change.Before);
            }
            else
            {
                _log.SettingNeedsRestart(change.Key, change.After, change.Before);
            }
        }
    }

    // The protocol's own options, and what holds for all protocols.
    private static MqttOptions MqttOf(WarrenServerOptions options) => options.Mqtt with { MaxMessageSize = options.Amqp091.MaxMessageSize };

    private static void ListenForMqtt(
        WarrenServerOptions options, ProtocolListeners listeners, MqttProtocol mqtt, ServerCertificates certificates, ILogger log)
    {
        ListenerOptions accepted = options.Listener with { ProxyProtocol = options.Mqtt.ProxyProtocol };
        bool isDefault = ReferenceEquals(options.MqttTcpListeners, WarrenServerOptions.DefaultMqttListeners);
        foreach (IPEndPoint endPoint in options.MqttTcpListeners)
        {
            try
            {
                listeners.Add(endPoint, mqtt, tls: null, accepted);
            }
            catch (StartupError error) when (isDefault && error.Fault == StartupFault.Unavailable)
            {
                log.DefaultPortTaken("mqtt", (ushort)endPoint.Port);
            }
        }

        foreach (IPEndPoint endPoint in options.MqttSslListeners)
        {
            listeners.Add(endPoint, mqtt, certificates.Amqp, accepted);
        }
    }

    // A method of its own: the SDK's assemblies are loaded with the method that names them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpMetrics StartMetrics(TelemetryOptions options, Broker broker) => OtlpMetrics.Start(options, broker);

    private static DataDirectory OpenDirectory(IBlockDisk disk, string path, TimeProvider time)
    {
        try
        {
            return Warren.Storage.Directories.DataDirectory.Open(disk, path, time);
        }
        catch (DataDirectoryLockedException e)
        {
            throw new StartupError(StartupFault.Unavailable, e.Message, e);
        }
        catch (StorageException e)
        {
            throw new StartupError(StartupFault.Data, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupError(StartupFault.CannotCreate, $"cannot use the data directory {path}: {e.Message}", e);
        }
    }

    private static Broker OpenBroker(WarrenServerOptions options, IBlockDisk disk, DataDirectory directory, ILoggerFactory loggers)
    {
        try
        {
            return Broker.Open(options.Broker, disk, directory, options.Time, loggers);
        }
        catch (Exception e) when (e is StorageException or InvalidDataException)
        {
            throw new StartupError(StartupFault.Data, $"cannot open the data in {directory.Root}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupError(StartupFault.InputOutput, $"cannot read the data in {directory.Root}: {e.Message}", e);
        }
    }

    // Every format is known: what waits for the start begins.
    private static void Activate(Broker broker, DataDirectory directory)
    {
        try
        {
            broker.Activate();
        }
        catch (StorageException e)
        {
            throw new StartupError(StartupFault.Data, $"cannot open the data in {directory.Root}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupError(StartupFault.InputOutput, $"cannot write the data in {directory.Root}: {e.Message}", e);
        }
    }

    // "All addresses" is said as the IPv6 wildcard, which takes IPv4 clients too; a machine may have no IPv6.
    internal static IPEndPoint Reachable(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6 ? new IPEndPoint(IPAddress.Any, endPoint.Port) : endPoint;
}
