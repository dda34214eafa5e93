using System.Collections.Concurrent;
using Warren.Transport.Tls;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>The first frame of every connection: connection.start, made once for each thing that can differ in it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StartFrames(Amqp091Options options)
{
    private readonly ConcurrentDictionary<(byte Major, byte Minor, bool ByCertificate), byte[]> _frames = new();

    /// <summary>The frame for a client that spoke this version, with or without a certificate.</summary>
    public ReadOnlySpan<byte> For(byte versionMajor, byte versionMinor, TlsSession? tls)
    {
        (byte, byte, bool) key = (versionMajor, versionMinor, tls?.PeerCertificate is not null);
        if (!_frames.TryGetValue(key, out byte[]? frame))
        {
            frame = new byte[FrameSizes.Start];
            int length = MethodWriter.WriteConnectionStart(
                frame, ServerProperties.Build(options), SaslLogin.Offer(options, tls), "en_US"u8, versionMajor, versionMinor);
            _frames[key] = frame = frame[..length];
        }

        return frame;
    }
}
