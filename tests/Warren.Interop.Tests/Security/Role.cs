using Warren.Core.Security;

namespace Warren.Interop.Tests.Security;

/// <summary>A kind of user: what its tag lets it do over HTTP, and what it may do in the virtual host.</summary>
/// <param name="Tag">The tag; empty for none.</param>
/// <param name="Rights">Its permissions in the virtual host.</param>
public sealed record Role(string Tag, Rights Rights)
{
    /// <summary>Every password of the matrix.</summary>
    public const string Password = "matrix";

    private static readonly string[] Tags = ["", "management", "policymaker", "monitoring", "administrator"];

    /// <summary>Every tag with every set of rights.</summary>
    public static IReadOnlyList<Role> All { get; } = [.. Tags.SelectMany(t => Enum.GetValues<Rights>().Select(r => new Role(t, r)))];

    /// <summary>The user that stands for it.</summary>
    public string User => $"u-{(Tag.Length == 0 ? "untagged" : Tag)}-{Rights}".ToLowerInvariant();

    /// <summary>Whether it may enter the virtual host.</summary>
    public bool MayEnter => Rights != Rights.NoAccess;

    public bool IsAdministrator => Tag == "administrator";

    public bool IsMonitor => Tag is "monitoring" or "administrator";

    /// <summary>Its pattern for a right.</summary>
    public string PatternOf(PermissionKind right) => Has(right) ? ".*" : "^$";

    /// <summary>The first need it lacks; null when it has all of them.</summary>
    public Need? FirstMissing(IEnumerable<Need> needs) => needs.FirstOrDefault(n => !Has(n.Right));

    /// <inheritdoc/>
    public override string ToString() => User;

    private bool Has(PermissionKind right) => Rights == Rights.All || Rights == right switch
    {
        PermissionKind.Configure => Rights.Configure,
        PermissionKind.Write => Rights.Write,
        _ => Rights.Read,
    };
}
