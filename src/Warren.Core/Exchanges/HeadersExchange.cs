using System.Runtime.InteropServices;
using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>Routes by headers: a binding's arguments are the conditions (AMQP 0-9-1, 3.1.3.4).</summary>
/// <remarks>
/// Every binding is tried, but each header is looked up in the encoded properties at most once per message and its
/// value is decoded at most once. Headers no binding names are never decoded.
/// </remarks>
public sealed class HeadersExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "headers";

    private readonly SlotList<HeadersMatcher> _matchers = new();
    private readonly Dictionary<string, HeaderName> _names = new(StringComparer.Ordinal);
    private readonly Stack<int> _freeIndexes = new();
    private int _indexCount; // written before the matcher that needs it can be seen

    /// <summary>An exchange as declared.</summary>
    public HeadersExchange(ExchangeDeclaration declaration)
        : base(declaration)
    {
    }

    /// <inheritdoc/>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override bool LooksBeyondRoutingKey => true;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        // The matchers first: an index given to a later one is beyond this walk, also when it was another's before.
        SlotList<HeadersMatcher>.Walk matchers = _matchers.Read();
        int names = Volatile.Read(ref _indexCount);
        HeaderScratch headers = routes.Headers;
        headers.Begin(names);
        while (matchers.TryNext(out HeadersMatcher? matcher))
        {
            if (matcher.Matches(input, headers))
            {
                routes.Add(matcher.Target);
            }
        }

        headers.End(names);
    }

    /// <inheritdoc/>
    public override void ValidateBinding(string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        HeadersMatch.Parse(arguments);
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding)
    {
        var match = HeadersMatch.Parse(binding.Arguments);
        var conditions = new List<HeaderCondition>(binding.Arguments.Count);
        foreach (KeyValuePair<string, FieldValue> argument in binding.Arguments.Fields)
        {
            if (match.Counts(argument.Key))
            {
                conditions.Add(new HeaderCondition(Use(argument.Key), argument.Value));
            }
        }

        var matcher = new HeadersMatcher(binding.Destination, [.. conditions], match.Any);
        binding.Compiled = matcher;
        _matchers.Add(matcher);
    }

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding)
    {
        var matcher = (HeadersMatcher)binding.Compiled!;
        _matchers.Remove(matcher);
        foreach (HeaderCondition condition in matcher.Conditions)
        {
            if (--condition.Name.Uses == 0)
            {
                _names.Remove(condition.Name.Name);
                _freeIndexes.Push(condition.Name.Index);
            }
        }
    }

    private HeaderName Use(string name)
    {
        ref HeaderName? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out _);
        if (known is null)
        {
            if (!_freeIndexes.TryPop(out int index))
            {
                index = _indexCount;
                Volatile.Write(ref _indexCount, _indexCount + 1);
            }

            known = new HeaderName(name, index);
        }

        known.Uses++;
        return known;
    }
}
