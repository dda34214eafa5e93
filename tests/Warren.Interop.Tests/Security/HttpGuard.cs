namespace Warren.Interop.Tests.Security;

/// <summary>Whom RabbitMQ lets use a method of a resource, by tag, with the text of its refusal.</summary>
public enum HttpGuard
{
    /// <summary>Everybody, without a login.</summary>
    Nobody,

    /// <summary>Any of the four tags.</summary>
    Any,

    /// <summary>Any tag, with access to the virtual host.</summary>
    VirtualHost,

    /// <summary>The same, and monitors.</summary>
    VirtualHostVisible,

    /// <summary>Administrators, and policymakers with access to the virtual host.</summary>
    Policies,

    /// <summary>Administrators; policymakers are let in, and then refused.</summary>
    PoliciesAdmin,

    /// <summary>Policymakers and administrators.</summary>
    Global,

    /// <summary>Monitors and administrators.</summary>
    Monitor,

    /// <summary>Administrators.</summary>
    Admin,

    /// <summary>Somebody else's: monitors and administrators.</summary>
    OthersWatched,

    /// <summary>Whatever one sees: monitors see what is not theirs to change.</summary>
    OwnChanged,

    /// <summary>Somebody else's: administrators.</summary>
    OthersChanged,

    /// <summary>Somebody else's, where those who may not see it are told that it is not there.</summary>
    OthersHidden,

    /// <summary>The same, and then administrators only.</summary>
    AdminHidden,

    /// <summary>A virtual host named in the body, where those who may not see it are told that it is not there.</summary>
    VirtualHostHidden,
}
