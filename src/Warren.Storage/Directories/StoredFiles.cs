using Warren.Storage.Metadata;
using Warren.Storage.Recovery;

namespace Warren.Storage.Directories;

/// <summary>What an inspection of a data directory found.</summary>
/// <param name="Damage">What is wrong, and where; the file relative to the data directory.</param>
/// <param name="Definitions">Entries of the metadata that can be read.</param>
/// <param name="Queues">Queues whose definition can be read.</param>
/// <param name="Messages">Messages that can be read, one for each queue that holds it.</param>
/// <param name="LostMessages">Messages that are held and cannot be read, one for each queue.</param>
/// <param name="UnknownOwners">Queues and sessions whose definition is lost and of which records are left.</param>
public sealed record StoredDataReport(
    IReadOnlyList<DamageReport> Damage, long Definitions, long Queues, long Messages, long LostMessages, int UnknownOwners)
{
    /// <summary>Nothing is lost or damaged; what a start mends by itself is not counted.</summary>
    public bool IsClean => Damage.All(static d => d.Kind is DamageKind.TornTail or DamageKind.Repaired);
}

/// <summary>Looks at, copies and gives up the data of a broker that does not run.</summary>
/// <remarks>Takes the directory's lock. Only <see cref="AcceptLoss"/> changes anything in it.</remarks>
public static class StoredFiles
{
    private const int Shard = 1;

    /// <summary>Keys of the metadata that name owners whose definition is lost; a start keeps what belongs to them.</summary>
    public const string LostOwnerPrefix = "lost/";

    /// <summary>Reads everything and names what is wrong.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The data directory, absolute.</param>
    /// <exception cref="DataDirectoryLockedException">A broker has it open.</exception>
    /// <exception cref="StorageException">It cannot be identified, or is of a newer version.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static StoredDataReport Verify(IBlockDisk disk, string path)
    {
        using DataDirectory directory = DataDirectory.OpenExisting(disk, path);
        using LogInspection log = Inspect(disk, directory);
        return Report(disk, directory, log);
    }

    /// <summary>Copies everything that is intact into a fresh directory, under the same LSNs and in the same order.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The data directory, absolute.</param>
    /// <param name="target">Where to, absolute; must not exist or be empty.</param>
    /// <param name="time">Dates the copy.</param>
    /// <returns>What was found in the original: what is named there is not in the copy.</returns>
    /// <exception cref="DataDirectoryLockedException">A broker has it open.</exception>
    /// <exception cref="StorageException">It cannot be identified, or is of a newer version; or the target is not empty.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static StoredDataReport Salvage(IBlockDisk disk, string path, string target, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(time);
        using DataDirectory directory = DataDirectory.OpenExisting(disk, path);
        using LogInspection log = Inspect(disk, directory);
        StoredDataReport report = Report(disk, directory, log);
        (IReadOnlyList<MetadataEntry> entries, _) = FileMetadataStore.Read(disk, directory.MetadataPath);
        using DataDirectory copy = DataDirectory.CreateCopy(disk, target, directory.Format, time);
        log.CopyTo(disk, copy.ShardPath(Shard), OptionsOf(directory), time);
        if (entries.Count == 0)
        {
            copy.Accept(AcceptedLoss.Metadata); // a start makes the defaults, and does not take them for what was there
            return report;
        }

        using (var store = FileMetadataStore.Open(disk, copy.MetadataPath))
        {
            foreach (MetadataEntry[] some in entries.Chunk(64))
            {
                store.PutAll([.. some.Select(static e => KeyValuePair.Create(e.Key, e.Value))]);
            }

            store.PutAll([.. log.UnknownOwners.Select(static o => KeyValuePair.Create(
                LostOwnerPrefix + o.ToString(System.Globalization.CultureInfo.InvariantCulture), ReadOnlyMemory<byte>.Empty))]);
        }

        copy.MarkComplete(time);
        return report;
    }

    /// <summary>Lets the next start go on without what is gone; what cannot be read of the definitions is moved to quarantine/.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">The data directory, absolute.</param>
    /// <returns>What was accepted; none when a start would not have been refused.</returns>
    /// <exception cref="DataDirectoryLockedException">A broker has it open.</exception>
    /// <exception cref="StorageException">It cannot be identified, or is of a newer version.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static AcceptedLoss AcceptLoss(IBlockDisk disk, string path)
    {
        ArgumentNullException.ThrowIfNull(disk);
        using DataDirectory directory = DataDirectory.OpenExisting(disk, path);
        AcceptedLoss accepted = AcceptedLoss.None;
        (IReadOnlyList<MetadataEntry> _, DamageReport? wrong) = FileMetadataStore.Read(disk, directory.MetadataPath);
        if (wrong is { Kind: not DamageKind.TornTail } && (directory.IsComplete || disk.List(directory.MetadataPath).Count > 0))
        {
            directory.PutAside(directory.MetadataPath);
            accepted |= AcceptedLoss.Metadata;
        }

        if (directory.IsComplete && IsLogRefused(disk, directory))
        {
            accepted |= AcceptedLoss.Log;
        }

        if (accepted != AcceptedLoss.None)
        {
            directory.Accept(accepted);
        }

        return accepted;
    }

    private static bool IsLogRefused(IBlockDisk disk, DataDirectory directory)
    {
        try
        {
            var recovery = new LogRecovery(
                disk, directory.ShardPath(Shard), OptionsOf(directory) with { IsExpected = true }, TimeProvider.System, isReadOnly: true);
            recovery.Run();
            recovery.Close();
            return false;
        }
        catch (DataDirectoryDamagedException)
        {
            return true;
        }
    }

    private static LogInspection Inspect(IBlockDisk disk, DataDirectory directory) =>
        LogInspection.Run(disk, directory.ShardPath(Shard), OptionsOf(directory), TimeProvider.System);

    private static ShardLogOptions OptionsOf(DataDirectory directory) =>
        new() { ClusterUuid = directory.ClusterUuid, NodeId = directory.NodeId, ShardId = Shard };

    private static StoredDataReport Report(IBlockDisk disk, DataDirectory directory, LogInspection log)
    {
        var damage = new List<DamageReport>();
        (IReadOnlyList<MetadataEntry> entries, DamageReport? wrong) = FileMetadataStore.Read(disk, directory.MetadataPath);
        if (wrong is not null)
        {
            damage.Add(wrong with { File = Path.Combine("meta", wrong.File) });
        }

        string shard = Path.GetFileName(directory.ShardPath(Shard));
        if (directory.FindMissingPart() is { } missing && log.Damage.Count == 0 && wrong is null)
        {
            damage.Add(new DamageReport(DamageKind.LostRecords, shard, 0, 0, 0, missing.Message));
        }

        damage.AddRange(log.Damage.Select(d => d with { File = Path.Combine(shard, d.File) }));
        if (log.UnknownOwners.Count > 0)
        {
            damage.Add(new DamageReport(
                DamageKind.LostRecords, shard, 0, 0, 0, $"records are held by {log.UnknownOwners.Count} queues or sessions whose definition is lost"));
        }

        return new StoredDataReport(damage, entries.Count, log.Queues, log.Messages, log.LostMessages, log.UnknownOwners.Count);
    }
}
