using Warren.Core.Exchanges;

namespace Warren.Core.Tests.Exchanges;

/// <summary>A queue that is nothing but its name.</summary>
internal sealed class TestQueue(string name) : QueueTarget(name);
