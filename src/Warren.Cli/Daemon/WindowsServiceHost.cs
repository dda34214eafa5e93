using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Warren.Cli.Daemon;

/// <summary>Connects this process to the Windows service control manager: it asks for the stop, and is told how far that is.</summary>
/// <remarks>One per process. See "Service Programs" in the Windows documentation.</remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsServiceHost : IDisposable
{
    private const uint OwnProcess = 0x10;
    private const uint Stopped = 1;
    private const uint StopPending = 3;
    private const uint Running = 4;
    private const uint AcceptStop = 1;
    private const uint AcceptShutdown = 4;
    private const uint ControlStop = 1;
    private const uint ControlShutdown = 5;

    private readonly string _name;
    private readonly ManualResetEventSlim _connected = new();
    private readonly ManualResetEventSlim _finished = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceMain _main;
    private readonly Handler _handler;
    private readonly Thread _dispatcher;
    private nint _status;
    private int _error;

    private WindowsServiceHost(string name)
    {
        _name = name;
        _main = OnStart;
        _handler = OnControl;
        _dispatcher = new Thread(Dispatch) { Name = "warren service", IsBackground = true };
    }

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate void ServiceMain(uint count, nint arguments);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate uint Handler(uint control, uint type, nint data, nint context);

    /// <summary>Is cancelled when the service is to stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Connects and says that the service runs.</summary>
    /// <exception cref="Win32Exception">The process was not started by the service control manager.</exception>
    public static WindowsServiceHost Connect(string name)
    {
        var host = new WindowsServiceHost(name);
        host._dispatcher.Start();
        host._connected.Wait();
        return host._error == 0 ? host : throw new Win32Exception(host._error);
    }

    /// <summary>Says that the service has stopped.</summary>
    public void Dispose()
    {
        Report(Stopped, 0);
        _finished.Set();
        _dispatcher.Join();
        _stop.Dispose();
        _connected.Dispose();
        _finished.Dispose();
    }

    private void Dispatch()
    {
        nint name = Marshal.StringToHGlobalUni(_name);
        try
        {
            // The table ends with an entry of nulls.
            nint[] table = [name, Marshal.GetFunctionPointerForDelegate(_main), 0, 0];
            if (!StartServiceCtrlDispatcherW(table))
            {
                _error = Marshal.GetLastPInvokeError();
                _connected.Set();
            }
        }
        finally
        {
            Marshal.FreeHGlobal(name);
        }
    }

    private void OnStart(uint count, nint arguments)
    {
        _status = RegisterServiceCtrlHandlerExW(_name, Marshal.GetFunctionPointerForDelegate(_handler), 0);
        Report(Running, AcceptStop | AcceptShutdown);
        _connected.Set();
        _finished.Wait();
    }

    private uint OnControl(uint control, uint type, nint data, nint context)
    {
        if (control is ControlStop or ControlShutdown)
        {
            Report(StopPending, 0);
            _stop.Cancel();
        }

        return 0;
    }

    private void Report(uint state, uint accepted)
    {
        var status = new ServiceStatus
        {
            Type = OwnProcess,
            State = state,
            Accepted = accepted,
            WaitHintMs = state == StopPending ? 120_000u : 0,
        };
        SetServiceStatus(_status, in status);
    }

    [LibraryImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool StartServiceCtrlDispatcherW([In] nint[] table);

    [LibraryImport("advapi32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial nint RegisterServiceCtrlHandlerExW(string name, nint handler, nint context);

    [LibraryImport("advapi32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetServiceStatus(nint handle, in ServiceStatus status);

    [StructLayout(LayoutKind.Sequential)]
    private struct ServiceStatus
    {
        public uint Type;
        public uint State;
        public uint Accepted;
        public uint ExitCode;
        public uint OwnExitCode;
        public uint Checkpoint;
        public uint WaitHintMs;
    }
}
