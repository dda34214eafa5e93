namespace Warren.Management.Routing;

/// <summary>Who may use a method of a resource.</summary>
public enum Guard
{
    /// <summary>Everybody, without a login.</summary>
    None,

    /// <summary>Users with the tag management, policymaker, monitoring or administrator.</summary>
    Any,

    /// <summary>Those of them who may enter the virtual host of the path, and administrators.</summary>
    VirtualHost,

    /// <summary>The same and the tag monitoring.</summary>
    VirtualHostVisible,

    /// <summary>Administrators, and policymakers who may enter the virtual host of the path.</summary>
    Policies,

    /// <summary>Policymakers and administrators.</summary>
    GlobalParameters,

    /// <summary>The tags monitoring and administrator.</summary>
    Monitor,

    /// <summary>The tag administrator.</summary>
    Admin,
}
