namespace Warren.Server.Configuration.Mosquitto;

/// <summary>One <c>listener</c> of a mosquitto.conf with the lines that belong to it.</summary>
internal sealed class MosquittoListener
{
    /// <summary>The port; null: none was named.</summary>
    public string? Port { get; set; }

    /// <summary>The address; null: all.</summary>
    public string? Address { get; set; }

    /// <summary>Whether it speaks MQTT over WebSocket.</summary>
    public bool IsWebSocket { get; set; }

    /// <summary>Keys of ssl_options and their values, in the order of the file.</summary>
    public List<(string Key, string Value)> Tls { get; } = [];

    /// <summary>Whether it is encrypted.</summary>
    public bool IsTls => Tls.Exists(t => t.Key == "certfile");
}
