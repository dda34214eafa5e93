using System.Text;

namespace Warren.Core.Exchanges;

/// <summary>What a binding leads to: a queue or another exchange.</summary>
public abstract class RoutingTarget
{
    private protected RoutingTarget(string name)
    {
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>The name, unique among its kind in the virtual host.</summary>
    public string Name { get; }

    /// <summary>The name as it goes over the wire. Not to be changed.</summary>
    public byte[] NameUtf8 { get; }
}

/// <summary>A queue, as exchanges see it.</summary>
public abstract class QueueTarget : RoutingTarget
{
    /// <summary>A queue of that name.</summary>
    protected QueueTarget(string name)
        : base(name)
    {
    }
}
