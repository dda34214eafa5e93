using System.Text;

namespace Warren.Core.Exchanges;

/// <summary>What a binding can point at: a queue or another exchange.</summary>
/// <remarks>Identity is the object, not the name. The list of incoming bindings belongs to <see cref="BindingTable"/>.</remarks>
public abstract class RoutingTarget
{
    private protected RoutingTarget(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>The name, unique among the queues or among the exchanges of a virtual host.</summary>
    public string Name { get; }

    /// <summary>The name in UTF-8. Not to be changed.</summary>
    public byte[] NameUtf8 { get; }

    /// <summary>Head of the bindings that lead here, linked through <see cref="Binding.NextIncoming"/>.</summary>
    internal Binding? FirstIncoming { get; set; }

    /// <summary>Number of bindings that lead here.</summary>
    internal int IncomingCount { get; set; }
}
