using System.Globalization;
using System.Text;
using Warren.Buffers;

namespace Warren.Storage.Directories;

/// <summary>What the FORMAT file of a data directory says: who it belongs to and who may read it.</summary>
/// <param name="Version">Format the writer used.</param>
/// <param name="MinReader">Format a reader must know at least.</param>
/// <param name="ClusterUuid">The cluster; also of a single node.</param>
/// <param name="NodeId">The node's number in its cluster.</param>
/// <param name="DiskUuid">This directory: a node that comes back with another one has lost its data.</param>
/// <param name="CreatedMs">When the directory was made, Unix milliseconds.</param>
public sealed record DirectoryFormat(
    int Version, int MinReader, Guid ClusterUuid, ushort NodeId, Guid DiskUuid, long CreatedMs)
{
    /// <summary>Format this program writes and the newest it reads.</summary>
    public const int Current = 1;

    /// <summary>Bytes a FORMAT file can have: more is damage.</summary>
    public const int MaxBytes = 4096;

    /// <summary>When a start was complete for the first time, Unix milliseconds: from then on there is a log and there are
    /// definitions, and their absence is damage. 0: not yet, or the directory is from before this was written down.</summary>
    public long CompleteMs { get; init; }

    /// <summary>What an operator has accepted as lost: the next start goes on without it, once.</summary>
    public AcceptedLoss Accepted { get; init; }

    private const string Magic = "warren-data ";

    // A text file, so that an operator can read it:
    //   warren-data 1
    //   min-reader: 1
    //   cluster: <uuid>
    //   node: 1
    //   disk: <uuid>
    //   created: 2026-01-31T12:00:00.000Z
    //   complete: 2026-01-31T12:00:01.000Z    once a start was complete
    //   accepted-loss: log, metadata          by an operator, until the next start
    //   crc32c: 8 hex digits over everything above, the line break before it included
    // A newer version may add lines, which are skipped, before crc32c.

    /// <summary>The file's bytes.</summary>
    public byte[] Encode()
    {
        string text = $"{Magic}{Version}\nmin-reader: {MinReader}\ncluster: {ClusterUuid:D}\nnode: {NodeId}\n"
            + $"disk: {DiskUuid:D}\ncreated: {Text(CreatedMs)}\n"
            + (CompleteMs == 0 ? "" : $"complete: {Text(CompleteMs)}\n")
            + (Accepted == AcceptedLoss.None ? "" : $"accepted-loss: {Accepted.ToString().ToLowerInvariant()}\n");
        uint crc = Crc32C.Compute(Encoding.UTF8.GetBytes(text));
        return Encoding.UTF8.GetBytes($"{text}crc32c: {crc:x8}\n");
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <param name="path">The file, for the errors.</param>
    /// <param name="bytes">All its bytes.</param>
    /// <exception cref="NewerFormatException">Written for newer readers only.</exception>
    /// <exception cref="DataDirectoryDamagedException">Not what <see cref="Encode"/> wrote.</exception>
    public static DirectoryFormat Decode(string path, ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        int crcAt = text.LastIndexOf("crc32c: ", StringComparison.Ordinal);
        string[] lines = text.Split('\n');
        if (!lines[0].StartsWith(Magic, StringComparison.Ordinal) || crcAt < 0)
        {
            throw new DataDirectoryDamagedException(path, "this is not a FORMAT file");
        }

        uint crc = Crc32C.Compute(Encoding.UTF8.GetBytes(text[..crcAt]));
        if (!string.Equals(text[crcAt..], $"crc32c: {crc:x8}\n", StringComparison.Ordinal))
        {
            throw new DataDirectoryDamagedException(path, "the checksum does not match");
        }

        int version = Number(path, lines[0][Magic.Length..]);
        int minReader = Number(path, Line(path, lines, "min-reader"));
        if (minReader > Current)
        {
            throw new NewerFormatException($"{path} needs a reader of format {minReader}; this one reads up to {Current}");
        }

        return new DirectoryFormat(
            version,
            minReader,
            Uuid(path, Line(path, lines, "cluster")),
            ushort.TryParse(Line(path, lines, "node"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort node)
                ? node
                : throw new DataDirectoryDamagedException(path, "the node number is unreadable"),
            Uuid(path, Line(path, lines, "disk")),
            Time(path, Line(path, lines, "created")))
        {
            CompleteMs = Find(lines, "complete") is { } complete ? Time(path, complete) : 0,
            Accepted = Enum.TryParse(Find(lines, "accepted-loss"), ignoreCase: true, out AcceptedLoss accepted) ? accepted : default,
        };
    }

    private static string Text(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string? Find(string[] lines, string name)
    {
        string prefix = name + ": ";
        return Array.Find(lines, line => line.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
    }

    private static string Line(string path, string[] lines, string name) =>
        Find(lines, name) ?? throw new DataDirectoryDamagedException(path, $"the line {name} is missing");

    private static long Time(string path, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.ToUnixTimeMilliseconds()
            : throw new DataDirectoryDamagedException(path, $"the time '{text}' is unreadable");

    private static int Number(string path, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new DataDirectoryDamagedException(path, $"'{text}' is not a version");

    private static Guid Uuid(string path, string text) =>
        Guid.TryParseExact(text, "D", out Guid uuid)
            ? uuid
            : throw new DataDirectoryDamagedException(path, $"'{text}' is not a UUID");
}
