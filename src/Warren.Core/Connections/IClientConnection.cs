using Warren.Core.Alarms;

namespace Warren.Core.Connections;

/// <summary>What the broker asks of a client's connection, whatever its protocol.</summary>
/// <remarks>Called from any thread.</remarks>
public interface IClientConnection
{
    /// <summary>Closes the connection from the broker's side; the client is told <paramref name="reason"/> if its protocol can.</summary>
    void CloseFor(string reason);

    /// <summary>The alarms that are on have changed.</summary>
    void OnAlarm(AlarmKinds alarms);
}
