namespace Warren.Cli.Ctl.Admin;

/// <summary>One kind of object that rabbitmqadmin declares or deletes.</summary>
/// <param name="Name">The word of the command line.</param>
/// <param name="Path">The resource below <c>/api</c>; <c>{x}</c> stands for the argument x.</param>
/// <param name="Mandatory">Arguments that must be there; <c>a|b</c> when one of several is enough.</param>
/// <param name="Optional">Arguments that may be there, with their defaults; null for none.</param>
/// <param name="Json">Arguments whose value is JSON.</param>
internal sealed record AdminObject(
    string Name, string Path, string[] Mandatory, (string Name, string? Default)[] Optional, string[] Json)
{
    /// <summary>Whether an argument of that name is known.</summary>
    public bool Knows(string argument) =>
        Mandatory.Any(m => m.Split('|').Contains(argument, StringComparer.Ordinal)) || Optional.Any(o => o.Name == argument);
}
