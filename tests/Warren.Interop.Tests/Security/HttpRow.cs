namespace Warren.Interop.Tests.Security;

/// <summary>One method of one resource of the HTTP API.</summary>
/// <param name="Method">GET, PUT, POST or DELETE.</param>
/// <param name="Path">The path with its parameters as the routes have them, <c>/queues/{vhost}/{name}</c>.</param>
/// <param name="Guard">Who may.</param>
/// <param name="Body">The body of the request.</param>
/// <param name="Needs">The rights it takes besides, in the order they are asked for.</param>
internal sealed record HttpRow(string Method, string Path, HttpGuard Guard, string? Body = null, params Need[] Needs)
{
    /// <summary>Whether only those are tried who may not: it would end the broker of this test.</summary>
    public bool OnlyRefused { get; init; }

    /// <summary>What tells several rows of one resource apart.</summary>
    public string Case { get; init; } = "";

    /// <summary>Values of the path's parameters where they are not the usual ones.</summary>
    public IReadOnlyDictionary<string, string> With { get; init; } = new Dictionary<string, string>();

    /// <summary>The status when the user may; 0 for 200, 201 or 204.</summary>
    public int Allowed { get; init; }

    /// <summary>What the test is called.</summary>
    public string Name => $"{Method} {Path}{(Case.Length == 0 ? "" : $", {Case}")}";

    /// <summary>Status and reason of the refusal; null when the user may.</summary>
    public (int Status, string Reason)? RefusalOf(Role role)
    {
        if (Guard == HttpGuard.Nobody)
        {
            return null;
        }

        if (role.Tag.Length == 0)
        {
            return (401, "Not management user");
        }

        (int, string)? refusal = Guard switch
        {
            HttpGuard.VirtualHost when !role.MayEnter && !role.IsAdministrator => (401, "User not authorised to access virtual host"),
            HttpGuard.VirtualHostVisible when !role.MayEnter && !role.IsMonitor => (401, "User not authorised to access virtual host"),
            HttpGuard.PoliciesAdmin when role.Tag == "policymaker" && (role.MayEnter || !HasVirtualHost) => (401, "Not administrator user"),
            HttpGuard.Policies or HttpGuard.PoliciesAdmin when !role.IsAdministrator && (role.Tag != "policymaker" || (!role.MayEnter && HasVirtualHost)) =>
                (401, "User not authorised to access object"),
            HttpGuard.Global when !role.IsAdministrator && role.Tag != "policymaker" => (401, "User not authorised to access object"),
            HttpGuard.Monitor when !role.IsMonitor => (401, "Not monitor user"),
            HttpGuard.Admin when !role.IsAdministrator => (401, "Not administrator user"),
            HttpGuard.OthersWatched when !role.IsMonitor => (401, "User not authorised to access object"),
            HttpGuard.OwnChanged when role.Tag == "monitoring" => (401, "User not authorised to access object"),
            HttpGuard.OthersChanged when !role.IsAdministrator => (401, "User not authorised to access object"),
            HttpGuard.OthersHidden when !role.IsMonitor => (404, "Not Found"),
            HttpGuard.AdminHidden when !role.IsAdministrator => role.MayEnter || role.IsMonitor ? (401, "Not administrator user") : (404, "vhost_not_found"),
            HttpGuard.VirtualHostHidden when !role.MayEnter && !role.IsMonitor => (404, "vhost_not_found"),
            _ => null,
        };
        return refusal ?? (role.FirstMissing(Needs) is null ? null : (401, "Access refused."));
    }

    private bool HasVirtualHost => Path.Contains("{vhost}", StringComparison.Ordinal);
}
