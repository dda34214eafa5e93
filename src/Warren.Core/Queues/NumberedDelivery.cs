namespace Warren.Core.Queues;

/// <summary>A delivery that keeps its number until the client has settled it, over connections and restarts (MQTT 5.0, 4.4).</summary>
/// <param name="Queue">Where the message is.</param>
/// <param name="EntryId">Its entry there.</param>
/// <param name="Lsn">Its record; 0 when it is not stored.</param>
/// <param name="Number">The packet identifier.</param>
/// <param name="IsReceived">The client has said that it has the message; only the end of the exchange is missing.</param>
public readonly record struct NumberedDelivery(MessageQueue Queue, long EntryId, ulong Lsn, ushort Number, bool IsReceived);
