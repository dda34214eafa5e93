using System.Globalization;
using Microsoft.Extensions.Logging;
using Warren.Storage;
using Warren.Storage.Metadata;

namespace Warren.Core.Persistence;

/// <summary>What the log holds for owners that it does not know: given back only when nothing is missing, kept and named otherwise.</summary>
/// <remarks>
/// A crash between the deletion of a queue and a message that was on its way to it leaves such a record, and giving it back
/// is right. A queue whose definition is lost leaves the same picture, and then every one of them is a confirmed message.
/// An owner that was met while something was damaged is remembered in the metadata, because the next start may see no
/// damage any more. One thread, while the broker starts.
/// </remarks>
internal sealed class OrphanedRecords(ILogger logger)
{
    private const string Prefix = Storage.Directories.StoredFiles.LostOwnerPrefix;

    private readonly Dictionary<ulong, List<ulong>> _byOwner = [];
    private readonly HashSet<ulong> _unread = []; // owners whose own definition is there and cannot be read
    private readonly HashSet<ulong> _kept = [];
    private readonly List<string> _new = [];
    private readonly List<string> _over = [];

    /// <summary>Nothing is damaged that could have told of another queue or session.</summary>
    public bool IsEverythingKnown { get; private set; }

    /// <summary>References of unknown owners that stay in the log.</summary>
    public long KeptCount { get; private set; }

    /// <summary>A definition is there and cannot be read: of an owner, or, 0, of something of an owner's.</summary>
    public void AddUnread(ulong owner) => _unread.Add(owner);

    /// <summary>A record of an owner nobody knows.</summary>
    public void Add(ulong owner, ulong lsn)
    {
        if (!_byOwner.TryGetValue(owner, out List<ulong>? lsns))
        {
            _byOwner.Add(owner, lsns = []);
        }

        lsns.Add(lsn);
    }

    /// <summary>The reference was given back, or its owner was deleted.</summary>
    public void Remove(ulong owner, ulong lsn)
    {
        if (_byOwner.TryGetValue(owner, out List<ulong>? lsns) && lsns.Remove(lsn) && lsns.Count == 0)
        {
            _byOwner.Remove(owner);
        }
    }

    /// <summary>The owner was deleted properly.</summary>
    public void Remove(ulong owner)
    {
        _byOwner.Remove(owner);
        _unread.Remove(owner);
    }

    /// <summary>Everything is read: decides whose records stay, and names them. Changes nothing.</summary>
    public void Judge(IMetadataStore metadata, IReadOnlyList<DamageReport> damage)
    {
        IsEverythingKnown = _unread.Count == 0 && !damage.Any(static d => d.Kind is DamageKind.LostRecords or DamageKind.DamagedRecord);
        foreach (MetadataEntry entry in metadata.List(Prefix))
        {
            if (ulong.TryParse(entry.Key.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong owner)
                && (_byOwner.ContainsKey(owner) || _unread.Contains(owner)))
            {
                _kept.Add(owner);
            }
            else if (IsEverythingKnown)
            {
                _over.Add(entry.Key); // the definition came back, or all of its records are gone
            }
        }

        foreach ((ulong owner, List<ulong> lsns) in _byOwner)
        {
            if (!IsEverythingKnown && _kept.Add(owner))
            {
                _new.Add(Prefix + owner.ToString(CultureInfo.InvariantCulture));
            }

            if (_kept.Contains(owner))
            {
                KeptCount += lsns.Count;
                logger.OwnerLost(lsns.Count, owner, lsns[0], lsns[^1]);
            }
        }
    }

    /// <summary>Remembers whose records stay, before the log forgets what was damaged.</summary>
    /// <exception cref="IOException">It could not be stored.</exception>
    public void Remember(IMetadataStore metadata)
    {
        metadata.PutAll([.. _new.Select(static key => KeyValuePair.Create(key, ReadOnlyMemory<byte>.Empty))]);
        foreach (string key in _over)
        {
            metadata.Delete(key);
        }
    }

    /// <summary>Gives back what is not kept.</summary>
    public void GiveBack(ShardLog log)
    {
        foreach ((ulong owner, List<ulong> lsns) in _byOwner)
        {
            if (!_kept.Contains(owner))
            {
                foreach (ulong lsn in lsns)
                {
                    log.Release(owner, lsn);
                }
            }
        }

        _byOwner.Clear();
    }
}
