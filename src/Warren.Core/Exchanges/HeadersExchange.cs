using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>Routes by the headers of a message (AMQP 0-9-1, 3.1.3.4, with RabbitMQ's all-with-x and any-with-x).</summary>
/// <remarks>The array readers use is made anew by the first reader after a change.</remarks>
internal sealed class HeadersExchange(ExchangeDeclaration declaration) : Exchange(declaration)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Binding, Matcher> _matchers = [];
    private Matcher[]? _snapshot;

    public override void Route(in RoutingInput input, RouteSet routes)
    {
        routes.DependsOnHeaders = true;
        foreach (Matcher matcher in _snapshot ?? Snapshot())
        {
            if (matcher.Matches(input))
            {
                routes.Add(matcher.Target);
            }
        }
    }

    protected override void OnBind(Binding binding)
    {
        var matcher = new Matcher(binding);
        lock (_lock)
        {
            _matchers[binding] = matcher;
            _snapshot = null;
        }
    }

    protected override void OnUnbind(Binding binding)
    {
        lock (_lock)
        {
            _matchers.Remove(binding);
            _snapshot = null;
        }
    }

    private Matcher[] Snapshot()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _matchers.Values];
        }
    }

    private sealed class Matcher
    {
        private readonly List<(byte[] Name, FieldValue Value)> _conditions = [];
        private readonly bool _any;

        public Matcher(Binding binding)
        {
            Target = binding.Destination;
            string kind = "all";
            if (binding.Arguments.TryGet("x-match", out FieldValue match))
            {
                kind = match.AsText();
                if (match.Type != FieldType.LongString || kind is not ("all" or "any" or "all-with-x" or "any-with-x"))
                {
                    throw new BrokerError(
                        BrokerErrorKind.PreconditionFailed,
                        $"Invalid x-match field value <<\"{kind}\">>; expected all, any, all-with-x, or any-with-x");
                }
            }

            _any = kind.StartsWith("any", StringComparison.Ordinal);
            bool withX = kind.EndsWith("-with-x", StringComparison.Ordinal);
            foreach (KeyValuePair<string, FieldValue> argument in binding.Arguments.Fields)
            {
                if (argument.Key != "x-match" && (withX || !argument.Key.StartsWith("x-", StringComparison.Ordinal)))
                {
                    _conditions.Add((Encoding.UTF8.GetBytes(argument.Key), argument.Value));
                }
            }
        }

        public RoutingTarget Target { get; }

        public bool Matches(in RoutingInput input)
        {
            foreach ((byte[] name, FieldValue wanted) in _conditions)
            {
                bool holds = input.TryFindHeader(name, out FieldValue found)
                    && (wanted.Type == FieldType.Void || HeaderValues.AreEqual(wanted, found));
                if (holds == _any)
                {
                    return _any;
                }
            }

            return !_any;
        }
    }
}
