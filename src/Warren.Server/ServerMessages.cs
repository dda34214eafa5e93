using System.Net;
using Microsoft.Extensions.Logging;
using Warren.Management.Hosting;

namespace Warren.Server;

/// <summary>Log lines of the server; event ids 9xxx.</summary>
internal static partial class ServerMessages
{
    [LoggerMessage(9001, LogLevel.Warning, "connection of {Client} failed: {Reason}")]
    public static partial void ConnectionFault(this ILogger log, EndPoint? client, string reason);

    [LoggerMessage(9002, LogLevel.Information, "stopping, {Connections} connections open")]
    public static partial void Stopping(this ILogger log, int connections);

    [LoggerMessage(9003, LogLevel.Information, "stopped")]
    public static partial void Stopped(this ILogger log);

    [LoggerMessage(9004, LogLevel.Warning, "client {Client} was not let in: {Reason}")]
    public static partial void ClientRefused(this ILogger log, EndPoint? client, string reason);

    [LoggerMessage(9005, LogLevel.Information, "TLS certificates were read again; new connections are shown {Subject}, valid until {NotAfter}")]
    public static partial void CertificatesReloaded(this ILogger log, string subject, string notAfter);

    [LoggerMessage(9006, LogLevel.Error, "new TLS certificates cannot be used, the old ones stay: {Reason}")]
    public static partial void CertificatesNotReloaded(this ILogger log, string reason);

    [LoggerMessage(9008, LogLevel.Information, "configuration read again: {Key} is now {After}, it was {Before}")]
    public static partial void SettingChanged(this ILogger log, string key, string? after, string? before);

    [LoggerMessage(9009, LogLevel.Warning, "configuration read again: {Key} = {After} needs a restart, {Before} stays until then")]
    public static partial void SettingNeedsRestart(this ILogger log, string key, string? after, string? before);

    [LoggerMessage(9010, LogLevel.Information, "configuration read again: nothing has changed")]
    public static partial void NothingChanged(this ILogger log);

    [LoggerMessage(9011, LogLevel.Error, "the configuration cannot be used, the server goes on with the old one: {Reason}")]
    public static partial void ConfigurationNotReloaded(this ILogger log, string reason);

    [LoggerMessage(9012, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(this ILogger log, string warning);

    [LoggerMessage(9013, LogLevel.Warning, "port {Port} for {Protocol} is taken; as nobody asked for it by name, there is none here")]
    public static partial void DefaultPortTaken(this ILogger log, string protocol, ushort port);

    [LoggerMessage(9014, LogLevel.Information, "brought in definitions from {Files} files of {Path}")]
    public static partial void DefinitionsLoaded(this ILogger log, int files, string path);

    [LoggerMessage(9015, LogLevel.Warning, "no local socket for warren ctl at {Path}: {Reason}")]
    public static partial void NoLocalSocket(this ILogger log, string path, string reason);

    [LoggerMessage(9016, LogLevel.Warning, "a client of the HTTP API was not let in: {Reason}")]
    public static partial void HttpClientRefused(this ILogger log, string reason);

    [LoggerMessage(9020, LogLevel.Critical, "the disk has failed; what waits is refused, clients are closed and the broker ends: {Reason}")]
    public static partial void StorageFailed(this ILogger log, string reason);

    [LoggerMessage(9007, LogLevel.Warning, "the TLS certificate {Subject} is valid from {NotBefore} to {NotAfter} only; clients that verify it will refuse it")]
    public static partial void CertificateNotValid(this ILogger log, string subject, string notBefore, string notAfter);

    [LoggerMessage(9016, LogLevel.Warning, "an operator changed the state of the node from {Before} to {After}")]
    public static partial void NodeStateChanged(this ILogger log, NodeState before, NodeState after);
}
