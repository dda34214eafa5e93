using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>One condition of a headers binding: this header with this value, or present at all when that is void.</summary>
internal readonly record struct HeaderCondition(HeaderName Name, FieldValue Value);

/// <summary>A headers binding, ready to be matched. Never changes.</summary>
internal sealed class HeadersMatcher
{
    private readonly HeaderCondition[] _conditions;
    private readonly bool _any;

    public HeadersMatcher(RoutingTarget target, HeaderCondition[] conditions, bool any)
    {
        Target = target;
        _conditions = conditions;
        _any = any;
    }

    public RoutingTarget Target { get; }

    public ReadOnlySpan<HeaderCondition> Conditions => _conditions;

    /// <summary>Without conditions "all" holds for every message and "any" for none, as in RabbitMQ.</summary>
    public bool Matches(in RoutingInput input, HeaderScratch headers)
    {
        foreach (HeaderCondition condition in _conditions)
        {
            bool holds = headers.TryFind(input, condition.Name, out FieldValue value)
                && (condition.Value.Type == FieldType.Void || HeaderEquality.AreEqual(condition.Value, value));
            if (holds == _any)
            {
                return _any;
            }
        }

        return !_any;
    }
}
