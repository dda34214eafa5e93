using System.Security.Cryptography;
using Warren.Buffers.Commits;
using Warren.Buffers.Fields;
using Warren.Core.Queues;
using Warren.Storage;
using Warren.Storage.Metadata;

namespace Warren.Core.Persistence;

/// <summary>Keeps the durable definitions of one virtual host: exchanges in the metadata store, queues and bindings in the log.</summary>
/// <remarks>Not thread-safe: the virtual host's definitions lock guards it.</remarks>
internal sealed class DefinitionStore
{
    private readonly Broker _broker;
    private readonly string _virtualHost;
    private readonly string _exchangePrefix;
    private readonly string _bindingPrefix;

    // LSN of the record of each stored binding, so that unbinding can give it back.
    private readonly Dictionary<MessageQueue, List<(StoredBinding Binding, ulong Lsn)>> _bindings = [];

    public DefinitionStore(Broker broker, string virtualHost)
    {
        _broker = broker;
        _virtualHost = virtualHost;
        _exchangePrefix = $"vhost/{Uri.EscapeDataString(virtualHost)}/exchange/";
        _bindingPrefix = $"vhost/{Uri.EscapeDataString(virtualHost)}/e2e/";
    }

    private ShardLog Log => _broker.Log;

    // ---- exchanges ------------------------------------------------------------------------------------------------

    public void Save(ExchangeDeclaration declaration) => _broker.Metadata.Put(
        _exchangePrefix + Uri.EscapeDataString(declaration.Name),
        DefinitionCodec.Write(new StoredExchange(
            declaration.Type, declaration.AutoDelete, declaration.Internal, declaration.Arguments)));

    /// <summary>Blocks until what was given back before is on the disk.</summary>
    /// <exception cref="Arguments.BrokerError">541: it will not be.</exception>
    public void AwaitStored()
    {
        if (!_broker.TryAwaitStored())
        {
            throw BrokerErrors.NotStored();
        }
    }

    /// <summary>Deletes an exchange with the bindings between it and others, in one step.</summary>
    /// <exception cref="IOException">It could not be stored; nothing has changed.</exception>
    public void DeleteExchange(string name)
    {
        string escaped = Uri.EscapeDataString(name);
        _broker.Metadata.DeleteAll(
        [
            .. _broker.Metadata.List(_bindingPrefix).Select(static entry => entry.Key).Where(key =>
            {
                string[] parts = key[_bindingPrefix.Length..].Split('/');
                return parts[0] == escaped || parts[1] == escaped;
            }),
            _exchangePrefix + escaped,
        ]);
    }

    public IEnumerable<ExchangeDeclaration> LoadExchanges()
    {
        foreach (MetadataEntry entry in _broker.Metadata.List(_exchangePrefix))
        {
            StoredExchange stored = DefinitionCodec.ReadExchange(entry.Value.ToArray());
            yield return new ExchangeDeclaration(
                Uri.UnescapeDataString(entry.Key[_exchangePrefix.Length..]),
                stored.Type,
                Durable: true,
                stored.AutoDelete,
                stored.Internal,
                stored.Arguments);
        }
    }

    public void SaveExchangeBinding(string source, string destination, string key, FieldTable arguments) =>
        _broker.Metadata.Put(
            BindingName(source, destination, key, arguments),
            DefinitionCodec.Write(new StoredBinding(destination, source, key, arguments)));

    public void DeleteExchangeBinding(string source, string destination, string key, FieldTable arguments) =>
        _broker.Metadata.Delete(BindingName(source, destination, key, arguments));

    public IEnumerable<(string Source, string Destination, string Key, FieldTable Arguments)> LoadExchangeBindings()
    {
        foreach (MetadataEntry entry in _broker.Metadata.List(_bindingPrefix))
        {
            StoredBinding stored = DefinitionCodec.ReadBinding(entry.Value.ToArray());
            yield return (stored.Exchange, stored.VirtualHost, stored.RoutingKey, stored.Arguments);
        }
    }

    // ---- queues and their bindings --------------------------------------------------------------------------------

    /// <summary>Stores a queue; the record's number is its id.</summary>
    public StoreResult SaveQueue(QueueDeclaration declaration)
    {
        byte[] bytes = DefinitionCodec.Write(new StoredQueue(
            _virtualHost, declaration.Name, declaration.AutoDelete, declaration.Arguments));
        return Append(RecordType.QueueDeclare, ShardLog.Self, bytes);
    }

    /// <summary>Deletes a queue with everything it holds. May be called under its lock.</summary>
    public StoreResult DeleteQueue(MessageQueue queue) =>
        queue.IsLogged ? Log.DeleteOwner(queue.Id) : StoreResult.NothingToStore;

    /// <summary>Forgets what was remembered of a queue that is deleted.</summary>
    public void Forget(MessageQueue queue)
    {
        _bindings.Remove(queue);
        if (queue.IsLogged)
        {
            _broker.Pauses.Forget(queue);
        }
    }

    public StoreResult SaveBinding(string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        var binding = new StoredBinding(_virtualHost, exchange, key, arguments);
        StoreResult stored = Append(RecordType.Bind, queue.Id, DefinitionCodec.Write(binding));
        if (!stored.IsRefused)
        {
            Remember(binding, queue, stored.Lsn);
        }

        return stored;
    }

    public void Remember(StoredBinding binding, MessageQueue queue, ulong lsn)
    {
        if (!_bindings.TryGetValue(queue, out List<(StoredBinding, ulong)>? known))
        {
            _bindings.Add(queue, known = []);
        }

        known.Add((binding, lsn));
    }

    /// <summary>Forgets what was remembered of a queue, and stores nothing.</summary>
    public void Drop(MessageQueue queue) => _bindings.Remove(queue);

    /// <summary>Forgets the binding a record keeps, and stores nothing; null when there is none.</summary>
    public StoredBinding? Drop(MessageQueue queue, ulong lsn)
    {
        if (!_bindings.TryGetValue(queue, out List<(StoredBinding Binding, ulong Lsn)>? known)
            || known.FindIndex(b => b.Lsn == lsn) is not (>= 0 and int at))
        {
            return null;
        }

        StoredBinding binding = known[at].Binding;
        known.RemoveAt(at);
        return binding;
    }

    public StoreResult DeleteBinding(string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        if (!_bindings.TryGetValue(queue, out List<(StoredBinding Binding, ulong Lsn)>? known))
        {
            return StoreResult.NothingToStore;
        }

        int at = known.FindIndex(b =>
            b.Binding.Exchange == exchange && b.Binding.RoutingKey == key && b.Binding.Arguments.Equals(arguments));
        if (at < 0)
        {
            return StoreResult.NothingToStore;
        }

        StoreResult given = Log.GiveBack(queue.Id, known[at].Lsn);
        if (!given.IsRefused)
        {
            known.RemoveAt(at);
        }

        return given;
    }

    /// <summary>What the stored declaration of a queue waits for, if it still does.</summary>
    public CommitTicket TicketOf(MessageQueue queue) => queue.IsLogged ? Log.TicketOf(queue.Id) : CommitTicket.None;

    /// <summary>What the stored binding of a queue waits for, if it still does.</summary>
    public CommitTicket TicketOf(string exchange, MessageQueue queue, string key, FieldTable arguments)
    {
        foreach ((StoredBinding binding, ulong lsn) in _bindings.GetValueOrDefault(queue) ?? [])
        {
            if (binding.Exchange == exchange && binding.RoutingKey == key && binding.Arguments.Equals(arguments))
            {
                return Log.TicketOf(lsn);
            }
        }

        return CommitTicket.None;
    }

    private StoreResult Append(RecordType type, ulong owner, byte[] payload) => Log.Store(new RecordDraft
    {
        Type = type,
        Flags = RecordDraft.KeepOnPurge,
        Head = payload,
        Owners = new ReadOnlySpan<ulong>(in owner),
    });

    // The value has the arguments; here they only tell one binding from another.
    private string BindingName(string source, string destination, string key, FieldTable arguments)
    {
        string ends = _bindingPrefix + Uri.EscapeDataString(source) + '/' + Uri.EscapeDataString(destination) + '/'
            + Uri.EscapeDataString(key) + '/';
        byte[] bytes = FieldTableWriter.ToArray(arguments);
        return ends.Length + (2L * bytes.Length) <= IMetadataStore.MaxKeyBytes
            ? ends + Convert.ToHexString(bytes)
            : $"{ends}sha256-{Convert.ToHexString(SHA256.HashData(bytes))}";
    }
}
