namespace Warren.Transport;

/// <summary>One client's socket.</summary>
public sealed class Connection
{
}
