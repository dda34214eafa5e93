namespace Warren.FaultTests.Books;

/// <summary>One message in one queue: how often it has to be there and how often it may.</summary>
public sealed class Copy
{
    /// <summary>A copy that may be there and need not.</summary>
    /// <param name="id">The number of the message.</param>
    /// <param name="homes">The queues it may be in, of which it is in one.</param>
    public Copy(int id, params string[] homes) => (Id, Homes) = (id, homes);

    /// <summary>The number of the message.</summary>
    public int Id { get; }

    /// <summary>The queues it may be in.</summary>
    public string[] Homes { get; }

    /// <summary>Whether it was promised: it has to be in one of its homes.</summary>
    public bool IsPromised { get; private set; }

    /// <summary>Whether it was promised that it does not come back.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The transaction whose outcome decides; 0: none.</summary>
    public int Transaction { get; set; }

    /// <summary>Whether it goes when the transaction is committed.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Confirmed.</summary>
    public void Promise() => IsPromised = !IsOver;

    /// <summary>Something was asked for that takes it away; it is not known whether that has happened.</summary>
    public void Release() => IsPromised = false;

    /// <summary>What takes it away was answered with yes.</summary>
    public void End() => (IsPromised, IsOver) = (false, true);
}
