using System.Net;

namespace Warren.Cli.Ctl.Api;

/// <summary>The management API refused: a status that is not 2xx.</summary>
internal sealed class ApiError : Exception
{
    public ApiError(HttpStatusCode status, string reason)
        : base(reason) => Status = status;

    /// <summary>The status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Whether what was asked for is not there.</summary>
    public bool IsNotFound => Status == HttpStatusCode.NotFound;

    /// <summary>
    /// What a command tells that has nothing better to say: refusals are 69, answers about missing or bad things 65,
    /// faults of the broker 70.
    /// </summary>
    public CtlError ToCtlError() => Status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CtlError(CtlExit.Unavailable, $"Access refused: {Message}"),
        HttpStatusCode.NotFound => new CtlError(CtlExit.BadArgument, $"Not found: {Message}"),
        HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout => new CtlError(CtlExit.TimeOut, Message),
        HttpStatusCode.Conflict => new CtlError(CtlExit.Unexpected, Message),
        HttpStatusCode.ServiceUnavailable => new CtlError(CtlExit.Unavailable, Message),
        >= HttpStatusCode.InternalServerError => new CtlError(CtlExit.Unavailable, $"The broker failed: {(int)Status} {Message}"),
        _ => new CtlError(CtlExit.Unavailable, Message),
    };
}
