using Warren.Storage;
using Warren.Storage.Directories;

namespace Warren.Server;

/// <summary>One place of damage in the data of a broker.</summary>
/// <param name="Kind">What kind, as the storage calls it.</param>
/// <param name="IsLoss">Something is lost or damaged; false: a start mends it by itself.</param>
/// <param name="File">The file, relative to the data directory.</param>
/// <param name="Offset">Byte offset in it.</param>
/// <param name="FirstLsn">First record concerned; 0: not known.</param>
/// <param name="LastLsn">Last record concerned; 0: not known.</param>
/// <param name="Records">Records concerned that somebody holds; 0: not known.</param>
/// <param name="Text">A sentence for the operator.</param>
public sealed record StorageFinding(
    string Kind, bool IsLoss, string File, long Offset, ulong FirstLsn, ulong LastLsn, long Records, string Text);

/// <summary>What an inspection of the data of a broker found.</summary>
/// <param name="Findings">What is wrong.</param>
/// <param name="Definitions">Stored definitions that can be read.</param>
/// <param name="Queues">Queues that can be read.</param>
/// <param name="Messages">Messages that can be read, one for each queue that holds it.</param>
/// <param name="LostMessages">Messages that are held and cannot be read.</param>
public sealed record StorageSummary(
    IReadOnlyList<StorageFinding> Findings, long Definitions, long Queues, long Messages, long LostMessages)
{
    /// <summary>Nothing is lost or damaged.</summary>
    public bool IsClean => Findings.All(static f => !f.IsLoss);
}

/// <summary>Looks at, copies and gives up the data of a broker that does not run.</summary>
/// <remarks>Takes the lock of the data directory: a running broker is told from a stopped one by it.</remarks>
public static class StorageMaintenance
{
    /// <summary>Reads everything and names what is wrong. Changes nothing.</summary>
    /// <exception cref="StartupError">In use, no data directory, of a newer version, or the disk failed.</exception>
    public static StorageSummary Verify(string directory) =>
        Run(directory, path => SummaryOf(StoredFiles.Verify(FileBlockDisk.Instance, path)));

    /// <summary>Copies everything that is intact into a fresh directory; the original is not changed.</summary>
    /// <returns>What was found in the original: what is named there is not in the copy.</returns>
    /// <exception cref="StartupError">In use, no data directory, of a newer version, the target is not empty, or the disk failed.</exception>
    public static StorageSummary Salvage(string directory, string target) => Run(
        directory, path => SummaryOf(StoredFiles.Salvage(FileBlockDisk.Instance, path, Path.GetFullPath(target), TimeProvider.System)));

    /// <summary>Lets the next start go on without what is gone.</summary>
    /// <returns>What was accepted, in words; empty when a start would not have been refused.</returns>
    /// <exception cref="StartupError">In use, no data directory, of a newer version, or the disk failed.</exception>
    public static IReadOnlyList<string> AcceptLoss(string directory) => Run(directory, path =>
    {
        AcceptedLoss accepted = StoredFiles.AcceptLoss(FileBlockDisk.Instance, path);
        List<string> words = [];
        if (accepted.HasFlag(AcceptedLoss.Metadata))
        {
            words.Add("the definitions in meta/: the next start makes those of a first start, the default user among them");
        }

        if (accepted.HasFlag(AcceptedLoss.Log))
        {
            words.Add("the log in shard-0001/: the next start goes on with what can be read of it, even if that is nothing");
        }

        return words;
    });

    private static StorageSummary SummaryOf(StoredDataReport report) => new(
        [
            .. report.Damage.Select(static d => new StorageFinding(
                d.Kind.ToString(), d.Kind is not (DamageKind.TornTail or DamageKind.Repaired), d.File, d.Offset, d.FirstLsn, d.LastLsn, d.Records, d.Text)),
        ],
        report.Definitions,
        report.Queues,
        report.Messages,
        report.LostMessages);

    private static T Run<T>(string directory, Func<string, T> run)
    {
        string path = Path.GetFullPath(directory);
        try
        {
            return run(path);
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
            throw new StartupError(StartupFault.InputOutput, $"cannot read the data in {path}: {e.Message}", e);
        }
    }
}
