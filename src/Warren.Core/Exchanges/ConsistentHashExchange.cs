using System.Globalization;
using System.Runtime.InteropServices;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>Routes to one destination by a hash, each with a share in proportion to its weight: the binding key.</summary>
/// <remarks>
/// The type of RabbitMQ's plugin rabbitmq_consistent_hash_exchange; see <see cref="WeightedShares"/> for what moves when
/// a binding comes or goes. Of several bindings to one destination the first counts. Routing takes constant time;
/// it allocates only the text of a header that is hashed.
/// </remarks>
public sealed class ConsistentHashExchange : Exchange
{
    /// <summary>The type clients name.</summary>
    public const string TypeName = "x-consistent-hash";

    /// <summary>The largest weight of a binding.</summary>
    public const int MaxWeight = 10_000;

    private readonly HashSubject _subject;
    private readonly WeightedShares _shares = new();
    private readonly Dictionary<RoutingTarget, List<Binding>> _bindings = new(ReferenceEqualityComparer.Instance);

    /// <summary>An exchange as declared.</summary>
    /// <exception cref="BrokerError">406: the arguments <c>hash-header</c> or <c>hash-property</c> do not fit.</exception>
    public ConsistentHashExchange(ExchangeDeclaration declaration)
        : base(declaration) => _subject = HashSubject.Parse(Arguments);

    /// <summary>False: only the first key of a message counts.</summary>
    public override bool UsesRoutingKey => false;

    /// <inheritdoc/>
    public override bool LooksBeyondRoutingKey => !_subject.IsRoutingKey;

    /// <inheritdoc/>
    public override void Route(in RoutingInput input, RouteSet routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        if (_shares.Find(_subject.HashOf(input)) is { } target)
        {
            routes.Add(target);
        }
    }

    /// <inheritdoc/>
    public override void ValidateBinding(string key, FieldTable arguments)
    {
        ArgumentNullException.ThrowIfNull(key);
        WeightOf(key);
    }

    /// <inheritdoc/>
    protected internal override void AddRoute(Binding binding)
    {
        ref List<Binding>? bound =
            ref CollectionsMarshal.GetValueRefOrAddDefault(_bindings, binding.Destination, out bool known);
        bound ??= [];
        bound.Add(binding);
        if (!known)
        {
            _shares.Add(binding.Destination, WeightOf(binding.Key));
        }
    }

    /// <inheritdoc/>
    protected internal override void RemoveRoute(Binding binding)
    {
        List<Binding> bound = _bindings[binding.Destination];
        bool counted = ReferenceEquals(bound[0], binding);
        bound.Remove(binding);
        if (!counted)
        {
            return;
        }

        _shares.Remove(binding.Destination);
        if (bound.Count > 0)
        {
            _shares.Add(binding.Destination, WeightOf(bound[0].Key));
        }
        else
        {
            _bindings.Remove(binding.Destination);
        }
    }

    // A sign and any number of leading zeros are fine, as in RabbitMQ.
    private static int WeightOf(string key)
    {
        ReadOnlySpan<char> digits = key.AsSpan(key is ['+' or '-', ..] ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            throw Invalid($"The binding key must be an integer: {ErlangText.Term(FieldValue.Of(key))}");
        }

        digits = digits.TrimStart('0');
        if (digits.IsEmpty || key[0] == '-')
        {
            throw Invalid("The binding key must be greater than 0");
        }

        const int MostDigits = 5;
        int weight = digits.Length > MostDigits ? int.MaxValue : int.Parse(digits, CultureInfo.InvariantCulture);
        return weight <= MaxWeight
            ? weight
            : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"The binding key must not exceed {MaxWeight}"));
    }

    private static BrokerError Invalid(string text) => new(BrokerErrorKind.PreconditionFailed, text);
}
