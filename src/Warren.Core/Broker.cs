using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Alarms;
using Warren.Core.Arguments;
using Warren.Core.Commits;
using Warren.Core.Connections;
using Warren.Core.DeadLettering;
using Warren.Core.DirectReplies;
using Warren.Core.Events;
using Warren.Core.Messages;
using Warren.Core.Metrics;
using Warren.Core.Parameters;
using Warren.Core.Persistence;
using Warren.Core.Policies;
using Warren.Core.Publishing;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Core.Sessions;
using Warren.Core.VirtualHosts;
using Warren.Storage;
using Warren.Storage.Directories;
using Warren.Storage.Metadata;
using Warren.Storage.Paging;

namespace Warren.Core;

/// <summary>The broker: virtual hosts over one store, without any protocol.</summary>
/// <remarks>Thread-safe. No static state: several live side by side in one process.</remarks>
public sealed partial class Broker : IDisposable
{
    private const string VirtualHostPrefix = "vhosts/";
    private const string ResetKey = "reset"; // there while everything is being forgotten
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _virtualHostChanges = new();
    private readonly ConcurrentDictionary<string, VirtualHost> _virtualHosts = new(StringComparer.Ordinal);
    private readonly MessageFormat?[] _formats = new MessageFormat?[byte.MaxValue + 1];
    private readonly DeadLetterForwarder _deadLetters;
    private string? _retainingExchange;
    private RetainedLimits _retainedLimits = new();
    private IWillPublisher? _willPublisher;
    private BrokerPager? _pager;
    private PageFileTrim? _pageFileTrim;
    private readonly PageFile _pageFile;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource<Exception> _storageFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogRecovery _recovery;
    private readonly DataDirectory _directory;
    private readonly IBlockDisk _disk;
    private volatile bool _isActive;
    private int _toldAlarms;
    private readonly Lock _memoryFit = new(); // a leaf
    private long _pageBudget; // as asked for; guarded by _memoryFit

    private Broker(BrokerOptions options, IBlockDisk disk, DataDirectory directory, TimeProvider time, ILogger logger)
    {
        Options = options;
        _pageBudget = options.PageBudgetBytes;
        _logger = logger;
        _directory = directory;
        _disk = disk;
        Time = time;
        Scheduler = new Scheduler(time, (owner, fault) => logger.ScheduledWorkFailed(owner, fault), isHeld: true);
        Connections.Faults = Scheduler;
        Clock = new CoarseClock(Scheduler);
        Statistics = new StatisticsCollector(this, options.Statistics, Scheduler);
        Slabs = new SlabPool();
        Memory = new MemoryTrim(Slabs, Scheduler, new ProcessMemory());
        _deadLetters = new DeadLetterForwarder(this);
        DamageLog = new DamageLog(time, logger);
        SessionStore = new SessionStore(() => Log!);
        Own = new OwnMessages(this, logger);
        Events = new BrokerEvents(this, Own);
        LogLines = new LogLines(this, Own);
        try
        {
            var metadata = FileMetadataStore.Open(
                disk, directory.MetadataPath, directory.IsComplete && !directory.Format.Accepted.HasFlag(AcceptedLoss.Metadata));
            Metadata = metadata;
            Metadata.Failed += error => Log?.Fail(error); // one failed, all failed: see StorageFailed
            if (metadata.CutBytes > 0)
            {
                logger.DefinitionsCut(metadata.CutBytes, metadata.CutPath!);
            }

            Pauses = new PausedQueues(Metadata);
            Users = new UserStore(Metadata);
            Policies = new PolicyStore(Metadata);
            Parameters = new ParameterStore(Metadata);
            Authorizer = new Authorizer(Users);
            Authenticator = new Authenticator(Users, options.LoopbackUsers, time);
            CreateDefaults();
            Users.Events = Events;
            foreach (MetadataEntry entry in Metadata.List(VirtualHostPrefix))
            {
                string name = Uri.UnescapeDataString(entry.Key[VirtualHostPrefix.Length..]);
                VirtualHost virtualHost = AddVirtualHost(name);
                virtualHost.Settings = VirtualHostSettings.Read(name, entry.Value);
                virtualHost.Limits = LimitsOf(Parameters.Find(name, ParameterComponents.VirtualHostLimits, ParameterComponents.LimitsName));
                virtualHost.Definitions.RestoreExchanges();
            }

            Policies.Changed += OnPolicyChanged;
            Parameters.Changed += OnParameterChanged;
            Parameters.GlobalChanged += (name, value) => Events.ParameterChanged(null, "global", name, value);
            Users.Removed += name => Connections.CloseWhere(
                connection => string.Equals(connection.User?.Name, name, StringComparison.Ordinal), $"user '{name}' is deleted");

            _pageFile = new PageFile(disk, directory.PagingPath);
            QueueServices = new QueueServices
            {
                LogSource = () => Log!,
                PageFile = _pageFile,
                Slabs = Slabs,
                Clock = Clock,
                Scheduler = Scheduler,
                DeadLetters = _deadLetters,
                Damage = DamageLog,
                PageBudgetBytes = options.PageBudgetBytes,
            };
            _recovery = new LogRecovery(this, logger);
            _recovery.Read(disk, directory);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Completes with the reason when the disk has failed: nothing more can be promised, everything that waits is told no,
    /// and whoever runs the broker is to stop it. The next start recovers what the disk has.
    /// </summary>
    public Task<Exception> StorageFailed => _storageFailed.Task;

    /// <summary>What it was started with.</summary>
    public BrokerOptions Options { get; }

    /// <summary>Where time and timers come from.</summary>
    public TimeProvider Time { get; }

    /// <summary>What is done later or on the pool, guarded.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>The time messages are stamped with.</summary>
    public CoarseClock Clock { get; }

    /// <summary>Where message bytes live.</summary>
    public SlabPool Slabs { get; }

    internal ShardLog Log { get; private set; } = null!;

    /// <summary>Tells connections of commits.</summary>
    public CommitNotifier Commits { get; private set; } = null!;

    /// <summary>Memory and disk alarms.</summary>
    public ResourceAlarms Alarms { get; private set; } = null!;

    /// <summary>The slow-changing definitions.</summary>
    public IMetadataStore Metadata { get; }

    /// <summary>Users and permissions.</summary>
    public UserStore Users { get; }

    /// <summary>Policies and operator policies.</summary>
    public PolicyStore Policies { get; }

    /// <summary>Runtime parameters, virtual hosts' limits among them.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>Who may do what.</summary>
    public Authorizer Authorizer { get; }

    /// <summary>Who is who.</summary>
    public Authenticator Authenticator { get; }

    /// <summary>Who publishes wills; set once by the protocol that has them, which publishes those that are due since the stop.</summary>
    public IWillPublisher? WillPublisher
    {
        get => Volatile.Read(ref _willPublisher);
        set
        {
            Volatile.Write(ref _willPublisher, value);
            ScheduleWills();
        }
    }

    /// <summary>The exchange whose messages are retained for late subscribers when their header <c>x-retain</c> is true; null:
    /// none. Set by the protocol that has retained messages.</summary>
    public string? RetainingExchange
    {
        get => Volatile.Read(ref _retainingExchange);
        set => Volatile.Write(ref _retainingExchange, value);
    }

    /// <summary>Counters, rates and totals.</summary>
    public StatisticsCollector Statistics { get; }

    /// <summary>Open addresses of direct reply-to.</summary>
    public DirectReplyRegistry DirectReplies { get; } = new();

    /// <summary>Open client connections.</summary>
    public ConnectionRegistry Connections { get; } = new();

    /// <summary>Tells of what happens.</summary>
    public BrokerEvents Events { get; }

    /// <summary>Takes log lines for those who read them as messages.</summary>
    public LogLines LogLines { get; }

    /// <summary>The name of this node, as RabbitMQ's <c>rabbit@host</c>.</summary>
    public string NodeName { get; } = $"warren@{Environment.MachineName.Split('.')[0]}";

    /// <summary>Gives memory back that nobody needs.</summary>
    internal MemoryTrim Memory { get; }

    /// <summary>What the broker itself publishes.</summary>
    internal OwnMessages Own { get; }

    /// <summary>The virtual hosts at this moment.</summary>
    public ICollection<VirtualHost> VirtualHosts => _virtualHosts.Values;

    /// <summary>Consumers of all queues.</summary>
    public long ConsumerCount => QueueServices.ConsumerCount;

    /// <summary>Batches written to the disk and synced.</summary>
    internal long DiskWrites => Log is null ? 0 : Log.GetStatistics().Commits;

    /// <summary>Messages read back from the disk.</summary>
    internal long DiskReads => QueueServices is null ? 0 : QueueServices.PagedIn;

    /// <summary>What of the store was found damaged since the start, at it and later; a queue counts its own messages.</summary>
    public IReadOnlyList<DamageReport> StorageDamage => Log?.Damage ?? [];

    /// <summary>How much that is.</summary>
    public int StorageDamageCount => StorageDamage.Count;

    /// <summary>What has become of dead letters since the start.</summary>
    public DeadLetterCounts DeadLetterCounts => _deadLetters.Counts;

    internal DamageLog DamageLog { get; }

    /// <summary>What keeps the state of the log until the broker is active.</summary>
    internal RecordApplier Recovered => _recovery.Applier;

    internal QueueServices QueueServices { get; }

    internal PausedQueues Pauses { get; }

    internal MessageWriter Messages { get; private set; } = null!;

    internal SessionStore SessionStore { get; }

    /// <summary>Whether <see cref="Activate"/> was called: before, nothing is delivered, forwarded, deleted or due.</summary>
    public bool IsActive => _isActive;

    /// <summary>
    /// The first phase of a start: reads everything stored into memory and begins nothing. Then protocols register their
    /// formats, and <see cref="Activate"/> lets it run.
    /// </summary>
    /// <exception cref="StorageException">The store cannot be read, or what it held is gone; nothing was changed.</exception>
    public static Broker Open(
        BrokerOptions options, IBlockDisk disk, DataDirectory directory, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        return new Broker(options, disk, directory, time, logs.CreateLogger("broker"));
    }

    /// <summary>
    /// The last phase of a start, when every format is registered and before the first listener: finishes deletions, starts
    /// the clocks of queues and sessions, and lets dead letters and wills go on their way. Once.
    /// </summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Activate()
    {
        if (_isActive)
        {
            throw new InvalidOperationException("the broker is active");
        }

        Log = _recovery.Begin();
        Log.StateChanged += OnLogStateChanged;
        Log.DamageFound += DamageLog.OnFound;
        if (Log.State == LogState.Failed)
        {
            OnLogStateChanged(LogState.Failed, null); // nobody was told yet
        }

        Messages = new MessageWriter(Log);
        Commits = new CommitNotifier(Log, Scheduler);
        _isActive = true;
        _recovery.Complete();
        FinishDeletions();
        if (Metadata.TryGet(ResetKey, out _))
        {
            Forget(); // a crash came between
        }

        Alarms = new ResourceAlarms(
            Scheduler,
            MemoryLimitOf(Options),
            DiskLimitOf(Options),
            Memory,
            () => _disk.FreeBytes(_directory.Root),
            () => Log.State);
        _pager = new BrokerPager(QueueServices, () => _virtualHosts.SelectMany(static host => host.Value.Definitions.Queues.Each()));
        _pageFileTrim = new PageFileTrim(_pageFile, Scheduler, () => Alarms.DiskFreeBytes / 2 < Alarms.DiskLimitBytes);
        Memory.OnIdle = _pager.Squeeze;
        FitMemory();
        Alarms.LimitsChanged += FitMemory;
        Alarms.Changed += _ => FitMemory();
        Alarms.Changed += alarms => _logger.AlarmsChanged(alarms);
        Alarms.Changed += alarms => Connections.TellAlarm(alarms, Scheduler);
        Alarms.Changed += now => Events.AlarmsChanged((AlarmKinds)Interlocked.Exchange(ref _toldAlarms, (int)now), now);
        Alarms.DescriptorsChanged += ReportDescriptors;
        Own.Start();
        Alarms.Look();
        ScheduleWills();
        _directory.MarkComplete(Time);
        Scheduler.Go();
    }

    /// <summary>Takes what can change while the broker runs: the memory and disk limits, and who may log in from this
    /// machine only.</summary>
    public void Reload(BrokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Alarms.SetLimits(MemoryLimitOf(options), DiskLimitOf(options));
        Authenticator.LoopbackUsers = options.LoopbackUsers;
    }

    /// <summary>The virtual host of that name, if there is one.</summary>
    public VirtualHost? FindVirtualHost(string name) => _virtualHosts.GetValueOrDefault(name);

    /// <summary>Creates a virtual host or changes what is known of it.</summary>
    /// <returns>True when there was none of that name.</returns>
    /// <exception cref="BrokerError">406: the name is empty or too long, or the default queue type unknown.</exception>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public bool PutVirtualHost(string name, VirtualHostSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ResourceNames.CheckVirtualHost(name);
        if (settings.DefaultQueueType is { } type && !QueueArguments.TryParseKind(type, out _))
        {
            throw new BrokerError(BrokerErrorKind.PreconditionFailed, $"unsupported default queue type '{type}'");
        }

        lock (_virtualHostChanges)
        {
            VirtualHost? existing = FindVirtualHost(name);
            Metadata.Put(KeyOf(name), settings.ToBytes());
            (existing ?? AddVirtualHost(name)).Settings = settings;
            if (existing is null)
            {
                Events.VirtualHostCreated(name, settings);
            }
            else
            {
                Events.VirtualHostUpdated(name, settings);
            }

            return existing is null;
        }
    }

    /// <summary>Deletes a virtual host with everything in it; its clients are told and their connections closed.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="BrokerError">406: it is protected from deletion.</exception>
    /// <exception cref="IOException">It could not be stored; the next start finishes what has begun.</exception>
    public bool DeleteVirtualHost(string name)
    {
        lock (_virtualHostChanges)
        {
            if (FindVirtualHost(name) is not { } virtualHost)
            {
                return false;
            }

            if (virtualHost.Settings.ProtectedFromDeletion)
            {
                throw new BrokerError(
                    BrokerErrorKind.PreconditionFailed,
                    $"Cannot delete vhost '{name}': it is protected from deletion");
            }

            VirtualHostSettings settings = virtualHost.Settings with { IsBeingDeleted = true };
            Metadata.Put(KeyOf(name), settings.ToBytes());
            virtualHost.Settings = settings;
            Connections.CloseWhere(connection => connection.VirtualHost == virtualHost, $"vhost '{name}' is deleted");
            Delete(virtualHost);
            return true;
        }
    }

    /// <summary>Stops: what is appended is committed, the log is checkpointed. Connections must be closed before.</summary>
    public void Dispose()
    {
        // A start that failed half-way has only some of them.
        Own.Dispose();
        Statistics.Dispose();
        Alarms?.Dispose();
        Scheduler.Dispose();
        _pager?.Dispose();
        _pageFileTrim?.Dispose();
        Memory.Dispose();
        Commits?.Dispose();
        Log?.Dispose();
        _recovery?.Dispose();
        _pageFile?.Dispose();
        Metadata?.Dispose();
        _deadLetters.Dispose();
        Clock.Dispose();
        Slabs.Dispose();
    }

    internal VirtualHost AddVirtualHost(string name) => _virtualHosts.GetOrAdd(name, n =>
    {
        var added = new VirtualHost(this, n);
        if (n == EventVirtualHost)
        {
            Events.Open(added, added.Definitions.AddOwnExchange(BrokerEvents.ExchangeName));
        }

        if (Options.LogExchange && n == Options.DefaultVirtualHost)
        {
            LogLines.Open(added, added.Definitions.AddOwnExchange(LogLines.ExchangeName));
        }

        return added;
    });

    private string EventVirtualHost => Options.EventVirtualHost ?? Options.DefaultVirtualHost;

    /// <summary>Lets a pool of buffers be trimmed when memory is to be given back.</summary>
    /// <param name="trim">Lets go of some that is free, or of all when told true; answers the bytes.</param>
    public void TrimToo(Func<bool, long> trim) => Memory.Add(trim);

    // The bodies of all queues, and what the slab pool keeps, take a part of the memory that is allowed; less while there
    // is an alarm, so that it goes off again.
    private void FitMemory()
    {
        lock (_memoryFit)
        {
            long limit = Alarms.MemoryLimitBytes;
            long most = (Alarms.Current & AlarmKinds.Memory) != 0 ? limit / 6 : limit / 3;
            Slabs.KeepBytes = Math.Min(SlabPool.DefaultKeepBytes, limit / 2);
            QueueServices.PageBudgetBytes = Math.Min(_pageBudget, most);
        }

        _pager?.Watch();
    }

    /// <summary>Bodies of all queues above this are let go from now on; above less when there is not as much memory.</summary>
    internal void SetPageBudget(long bytes)
    {
        lock (_memoryFit)
        {
            _pageBudget = bytes;
        }

        FitMemory();
    }

    private static long MemoryLimitOf(BrokerOptions options) =>
        options.MemoryWatermarkBytes ?? (long)(options.MemoryWatermarkRelative * AvailableMemory.Bytes());

    private static long DiskLimitOf(BrokerOptions options) => options.DiskFreeLimitRelative is { } share
        ? (long)(share * AvailableMemory.Bytes())
        : options.DiskFreeLimitBytes;

    private void OnPolicyChanged(string virtualHost, PolicyChange change)
    {
        FindVirtualHost(virtualHost)?.Definitions.OnPolicyChanged(change);
        Events.PolicyChanged(virtualHost, change);
    }

    private void OnParameterChanged(string virtualHost, string component, string name, Parameter? parameter)
    {
        Events.ParameterChanged(virtualHost, component, name, parameter?.Value);
        if (component == ParameterComponents.VirtualHostLimits && FindVirtualHost(virtualHost) is { } found)
        {
            found.Limits = LimitsOf(parameter);
        }
    }

    private static VirtualHostLimits LimitsOf(Parameter? parameter) =>
        parameter is null ? VirtualHostLimits.None : VirtualHostLimits.From(parameter.Value);

    private static string KeyOf(string virtualHost) => VirtualHostPrefix + Uri.EscapeDataString(virtualHost);

    private void OnLogStateChanged(LogState state, Exception? error)
    {
        _logger.LogStateChanged(state, error);
        if (state == LogState.Failed)
        {
            _storageFailed.TrySetResult(error ?? new IOException("the log has failed"));
        }
    }

    private void ReportDescriptors(bool areShort)
    {
        if (areShort)
        {
            _logger.DescriptorsShort();
        }
        else
        {
            _logger.DescriptorsFree();
        }
    }

    private void ScheduleWills()
    {
        if (_isActive && WillPublisher is not null)
        {
            foreach (VirtualHost virtualHost in VirtualHosts)
            {
                virtualHost.Sessions.ScheduleWills();
            }
        }
    }

    // First start only: as in RabbitMQ, defaults are for an empty database.
    private void CreateDefaults()
    {
        // Somebody who has deleted every virtual host has not asked for the default user.
        if (Users.Users.Count == 0 && Metadata.List(VirtualHostPrefix).Count == 0)
        {
            // In one write: a first start that was cut short leaves nobody without permissions behind.
            var everything = new UserPermissions(".*", ".*", ".*");
            User user = UserStore.WithPassword(Options.DefaultUser, Options.DefaultPassword, ["administrator"]);
            Users.PutFirst(user, Options.DefaultVirtualHost, everything, KeyOf(Options.DefaultVirtualHost));
        }

        if (Options.EventVirtualHost is { } ofEvents && !Metadata.TryGet(KeyOf(ofEvents), out _))
        {
            Metadata.Put(KeyOf(ofEvents), []);
        }
    }
}
