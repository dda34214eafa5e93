namespace Warren.Core.Exchanges;

/// <summary>One step of the patterns bound to a topic exchange.</summary>
/// <remarks>Fields are published whole by the writer; readers see a child or do not, never half of one.</remarks>
internal sealed class TopicNode
{
    /// <summary>For a node under <c>#</c>: its place among the marks of <see cref="TopicScratch"/>.</summary>
    public int MarkIndex = -1;

    /// <summary>The next step when it is a word.</summary>
    public volatile Utf8Map<TopicNode>? Words;

    /// <summary>The next step when it is <c>*</c>.</summary>
    public volatile TopicNode? One;

    /// <summary>The next step when it is <c>#</c>.</summary>
    public volatile TopicNode? Any;

    /// <summary>What is bound with the pattern that ends here.</summary>
    public readonly SlotList<RoutingTarget> Targets = new();

    /// <summary>True when nothing ends here or goes on from here.</summary>
    public bool IsEmpty => Targets.IsEmpty && One is null && Any is null && Words is null;
}
