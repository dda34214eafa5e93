namespace Warren.Cli.Ctl;

/// <summary>Exit codes of the command line tools, as sysexits(3) and RabbitMQ have them.</summary>
internal static class CtlExit
{
    public const int Ok = 0;

    /// <summary>What rabbitmqadmin answers to any error.</summary>
    public const int AnyError = 1;

    /// <summary>EX_USAGE: an unknown command, option or column; a missing or surplus argument.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: what was named or given cannot be used.</summary>
    public const int BadArgument = 65;

    /// <summary>EX_NOUSER: there is no such user.</summary>
    public const int NoUser = 67;

    /// <summary>EX_UNAVAILABLE: the broker cannot be reached, a check failed, or it refused.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: something nobody expected, or what should be made is there already.</summary>
    public const int Unexpected = 70;

    /// <summary>EX_CANTCREAT: a file cannot be made.</summary>
    public const int CannotCreate = 73;

    /// <summary>EX_TEMPFAIL: no answer in time.</summary>
    public const int TimeOut = 75;
}
