using Warren.Core.Messages;

namespace Warren.Core.Queues;

/// <summary>A message as it lies in its queue.</summary>
/// <param name="Message">The message; valid during the call it is shown to.</param>
/// <param name="EntryId">Names it within the queue.</param>
/// <param name="Position">How many entries were before it; 0 for the head.</param>
/// <param name="IsUnacked">Delivered and not acknowledged.</param>
/// <param name="Redelivered">Its next delivery is not the first.</param>
/// <param name="DeliveryCount">How often it came back.</param>
/// <param name="ExpiresAtMs">Unix time in milliseconds; <see cref="long.MaxValue"/> for never.</param>
public readonly record struct BrowsedMessage(
    Message Message, long EntryId, long Position, bool IsUnacked, bool Redelivered, int DeliveryCount, long ExpiresAtMs);

/// <summary>Looks at one message; answers false to stop.</summary>
public delegate bool BrowseVisitor(in BrowsedMessage message);
